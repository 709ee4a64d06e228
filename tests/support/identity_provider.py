"""A real OpenID Connect provider in a process of its own: Django with django-oauth-toolkit.

`python tests/support/identity_provider.py PORT FOLDER REDIRECT_URI`; prints "ready" once it
answers. Its database is `FOLDER/provider.sqlite`: tests change people and groups there.
"""

import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

CLIENT, SECRET = "verbatim", "a-secret-that-the-city-keeps"
PASSWORD = "le mot de passe de la ville"
PEOPLE = {  # login: first name, last name, groups
    "claire": ("Claire", "Fontanet", ["greffe", "personnel"]),
    "bruno": ("Bruno", "Girard", ["personnel"]),
    "dominique": ("Dominique", "Roy", ["greffe", "admins"]),
}
LOGIN_PAGE = """<form method="post">{% csrf_token %}{{ form }}<button>Entrer</button></form>"""
CONSENT_PAGE = """<form method="post">{% csrf_token %}
{% for field in form %}{% if field.is_hidden %}{{ field }}{% endif %}{% endfor %}
<input type="submit" name="allow" value="Autoriser"></form>{{ error }}"""


def configure(port: int, folder: Path) -> None:
    """Django, as a project of its own would set it."""
    import django
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(65_537, 2_048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pages = {
        "registration/login.html": LOGIN_PAGE,
        "oauth2_provider/authorize.html": CONSENT_PAGE,
    }
    loaders = [
        ("django.template.loaders.locmem.Loader", pages),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.configure(
        SECRET_KEY="for tests alone",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": loaders,
                    "context_processors": ["django.template.context_processors.request"],
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "provider.sqlite"),
            }
        },
        # Quick ones: the real ones take half a second for each password and client secret.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key.decode(),
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
            "SCOPES": {"openid": "", "profile": "", "email": ""},
            "PKCE_REQUIRED": True,
        },
    )
    django.setup()


def fill(redirect: str) -> None:
    """Its tables, people, groups, and us as its client."""
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    for login, (first, last, groups) in PEOPLE.items():
        user = User.objects.create_user(
            login, f"{login}@ville.test", PASSWORD, first_name=first, last_name=last
        )
        user.groups.set(Group.objects.get_or_create(name=name)[0] for name in groups)
    Application.objects.create(
        name="Verbatim",
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        algorithm=Application.RS256_ALGORITHM,
        redirect_uris=redirect,
    )


def serve(port: int) -> None:
    """Answer, until killed."""
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()


def main() -> None:
    port, folder, redirect = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    sys.modules["identity_provider"] = sys.modules["__main__"]
    configure(port, folder)

    from django.contrib.auth.views import LoginView
    from django.urls import include, path
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):  # type: ignore[misc]  # the library has no types
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            user = request.user
            return {
                "name": user.get_full_name(),
                "preferred_username": user.username,
                "email": user.email,
                "email_verified": True,
                "groups": [group.name for group in user.groups.all()],
            }

    globals()["Validator"] = Validator
    globals()["urlpatterns"] = [
        path("login/", LoginView.as_view()),
        path("o/", include("oauth2_provider.urls")),
    ]
    fill(redirect)
    serve(port)


if __name__ == "__main__":
    main()
