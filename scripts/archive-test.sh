#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/archive-test.sh ARCHIVE [--keep]

Unpacks the archive of a release into a folder with a space in its name, starts
the service there on its embedded PostgreSQL, follows a link, reads the version,
and stops it. Uses free ports and stops all its processes.

  ARCHIVE   target/shortwave-VERSION.tar.gz of ./mvnw -Prelease package
  --keep    leave the folder
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/workdir.sh
. "$here/lib/workdir.sh"

archive=
while (($#)); do
  case $1 in
    -*) keep_or_help "$1" ;;
    *) archive=$(absolute "$1") ;;
  esac
  shift
done
[[ -n $archive ]] || { usage >&2; exit 2; }
[[ -r $archive ]] || die "cannot read $archive"

scratch_folder "${TMPDIR:-/tmp}"
folder=$work/$(basename "$archive" .tar.gz)
version=${folder##*/shortwave-}
free_port
management=$port
free_port

tar xzf "$archive" -C "$work"
[[ -x $folder/scripts/run.sh ]] || fail "no scripts/run.sh in ${folder##*/}"
# A checkout around the archive must not count.
cd /
said=$("$folder/scripts/run.sh" --version) || fail 'run.sh --version'
[[ $said == "Shortwave $version" ]] || fail "the version is '$said', not 'Shortwave $version'"
! "$folder/scripts/run.sh" --rebuild --version >"$work/rebuild" 2>&1 || fail '--rebuild built something'
grep -q 'no sources' "$work/rebuild" || fail "--rebuild said: $(<"$work/rebuild")"

start_service "$work/log" 120 "$folder/scripts/run.sh" --port "$port" --management-port "$management"
read -r code destination < <(awk -F, '$6 == "True" { print $3, $4; exit }' "$folder/seeds/urls.csv")
answer=$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' --noproxy '*' -m 20 "http://127.0.0.1:$port/$code") || true
[[ $answer == "302 $destination" ]] || fail "/$code answered '$answer', not '302 $destination'"
health=$(curl -s --noproxy '*' -m 20 "http://127.0.0.1:$port/health") || true
[[ $health == *"\"version\":\"$version\""* ]] || fail "no version $version in $health"
limited 60 "$folder/scripts/load-seeds.sh" "$folder/seeds" --service "http://127.0.0.1:$management"
stop_service "$service"
note "passed: $said"
