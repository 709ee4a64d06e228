"""Accounts, who is signed in where, one-time links, failed attempts, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _of_account(nullable: bool = False) -> sa.Column[int]:
    reference = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account", sa.Integer, reference, nullable=nullable, index=True)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password", sa.Text),  # argon2; none for who signs in elsewhere
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("provided", sa.Boolean, nullable=False),  # its role is the provider's to say
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "logins",
        sa.Column("token", sa.String, primary_key=True),  # its SHA-256
        _of_account(),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "browsers",
        sa.Column("token", sa.String, primary_key=True),  # its SHA-256
        sa.Column(
            "account",
            sa.Integer,
            sa.ForeignKey("accounts.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("seen_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("token", sa.String, primary_key=True),  # its SHA-256
        _of_account(nullable=True),  # none: for the first administrator, who has no account yet
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Index("attempts_of", "key", "at"),
    )
    op.create_table(
        "visits",  # to the provider of identities, and not back yet
        sa.Column("token", sa.String, primary_key=True),  # its SHA-256
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "nonce", "verifier")),
        sa.Column("then", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("who", "action", "what")),
        sqlite_autoincrement=True,
    )
    for verb in ("UPDATE", "DELETE") if op.get_bind().dialect.name == "sqlite" else ():
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        )


def downgrade() -> None:
    tables = ("audit", "visits", "attempts", "invitations", "browsers", "logins", "accounts")
    for table in tables:
        op.drop_table(table)
