#!/bin/sh
# Runs once, when the database volume is new: two roles that are no superusers, one that owns the schema and
# one that the application connects as, the database, its extensions, and the application's rights.
set -eu

psql --username "$POSTGRES_USER" --dbname postgres --set=ON_ERROR_STOP=1 \
    --set=owner_password="$PORTAL_OWNER_PASSWORD" --set=app_password="$PORTAL_APP_PASSWORD" <<'SQL'
CREATE ROLE portal_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN PASSWORD :'app_password';
CREATE DATABASE portal OWNER portal_owner;
SQL

for database in template1 portal; do
    psql --username "$POSTGRES_USER" --dbname "$database" --set=ON_ERROR_STOP=1 --file /portal/prepare.sql
done
