#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/release-notes.sh VERSION

Prints the section of CHANGELOG.md for VERSION, such as 1.0.0, without its
heading. Exit code 1 if there is none, or if it has no date.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"

case ${1:-} in
  '') usage >&2; exit 2 ;;
  -h | --help) usage; exit 0 ;;
esac
version=${1#v}
notes=$(awk -v heading="## [$version] - " '
  index($0, heading) == 1 && substr($0, length(heading) + 1) ~ /^[0-9]+-[0-9]+-[0-9]+$/ { inside = 1; next }
  inside && (/^## / || /^\[[^]]+\]: /) { exit }
  inside
' "$ROOT/CHANGELOG.md")
[[ -n ${notes//[[:space:]]/} ]] || die "CHANGELOG.md has no section '## [$version] - YEAR-MONTH-DAY'"
printf '%s\n' "$notes"
