"""What runs inside the portal: how many rows and bytes there are."""

import json
from dataclasses import asdict

from django.apps import apps
from django.db import connection
from django.db.models import Sum

from accounts import services as accounts
from accounts.models import TenantOwned
from common.scope import tenant_scope
from tooling.bench.capacity.sizes import Sizes
from vault.models import Blob


def tell(slug: str) -> None:
    """Print the sizes of a tenant as JSON."""
    with tenant_scope(accounts.tenant_id_of_slug(slug)):
        rows = sum(model.objects.count() for model in apps.get_models() if issubclass(model, TenantOwned))
        stored = Blob.objects.aggregate(sum=Sum("cipher_size"))["sum"] or 0
        print(json.dumps(asdict(Sizes(rows, _database_bytes(), stored))))


def _database_bytes() -> int:
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database())"
            if is_postgres
            else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        )
        return int(cursor.fetchone()[0])
