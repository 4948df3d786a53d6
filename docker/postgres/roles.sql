-- The three roles of a deployment on PostgreSQL and the portal's database; run once by a superuser:
--   psql -v database=bitewing -v owner_password=... -v app_password=... -v platform_password=... -f roles.sql
-- portal_owner migrates. portal_app serves: it can neither bypass row-level security nor change the schema.
-- portal_platform sees across tenants: management commands and the outbox dispatcher only.
\set ON_ERROR_STOP on

CREATE ROLE portal_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
CREATE ROLE portal_platform LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'platform_password';

CREATE DATABASE :"database" OWNER portal_owner ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C';
\connect :"database"

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_app, portal_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app, portal_platform;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app, portal_platform;
