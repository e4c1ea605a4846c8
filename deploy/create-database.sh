#!/bin/sh
# Create the role and the database of the service, as an administrator of PostgreSQL. The role is no superuser: it owns
# its database, may force a checkpoint, and may start a new segment of the server's log, so that a count erases at once.
set -eu
# Without a newline at its end, as the service reads it too.
password=$(cat "${DATABASE_PASSWORD_FILE:-/run/secrets/database_password}")
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$password" --username="${POSTGRES_USER:-postgres}" \
    --dbname=postgres <<'SQL'
CREATE ROLE voimavara LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE voimavara OWNER voimavara TEMPLATE template0 ENCODING 'UTF8';
GRANT pg_checkpoint TO voimavara;
\connect voimavara
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO voimavara;
SQL
