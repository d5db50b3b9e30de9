#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/generate-seeds.sh [options] [OUTDIR]

Writes users.csv, urls.csv and events.csv to OUTDIR (default: seeds).

  --users N    users                        (default 400)
  --urls N     links                        (default five for each user)
  --events N   events, at least one a link  (default 1.711 for each link)
  --seed S     another set of the same shape (default 2026)
  --help       this text

The sets have the quirks of real ones: one user in a hundred repeats the username of another and one of
those the e-mail too, both own links; about 18 % of the links are inactive; some codes are digits only;
the history disagrees with the state (events before their link was created, deleted links that are
active, changes that the link does not show).
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"

for argument in "$@"; do
  case $argument in -h | --help) usage; exit 0 ;; esac
done
find_java
build_tools_if_needed >&2
exec_tool tools.seeds.GenerateSeeds "$@"
