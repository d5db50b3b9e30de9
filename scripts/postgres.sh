#!/usr/bin/env bash
set -euo pipefail

# Runs the embedded PostgreSQL alone; --help has the rest.

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"

find_java
build_if_needed
path=$(class_path)
jvm_flags
exec "$JAVA" "${JVM_FLAGS[@]}" -cp "$path" dev.shortwave.EmbeddedPostgresMain "$@"
