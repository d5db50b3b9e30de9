#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/load-seeds.sh DIR [--service URL | --database URL] [--token T]

Loads users.csv, urls.csv and events.csv from DIR, each file completely or not
at all; loading the same files again changes nothing.

  --service URL   into the service with this management address
                  (default: http://127.0.0.1:8081)
  --database URL  straight into a database, postgres://user:password@host/name;
                  a running service does not invalidate its caches then, so
                  prefer --service
  --token T       the token of the management port, if it has one
  --help          this text
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"

(($#)) || { usage >&2; exit 2; }
for argument; do
  case $argument in -h | --help) usage; exit 0 ;; esac
done

find_java
build_if_needed
path=$(class_path)
jvm_flags
exec "$JAVA" "${JVM_FLAGS[@]}" -cp "$path" dev.shortwave.seeding.LoadSeeds "$@"
