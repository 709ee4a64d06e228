"""The settings and the product that a command works with; a bad setting is told in a sentence."""

from pydantic import ValidationError

from api.wiring import Product
from ingest.errors import BadInput
from ingest.settings import Settings


def read_settings() -> Settings:
    """The settings of the environment. Raises `BadInput` that names the one that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(f"VERBATIM_{name} = « {first['input']} » ne convient pas.") from None


def open_product() -> Product:
    """The product over the data directory of the settings."""
    return Product(read_settings())
