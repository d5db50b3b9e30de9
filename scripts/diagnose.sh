#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/diagnose.sh [options]

Asks a running service for all that helps to find out what is wrong with it, and
packs the answers into one archive: health, settings with their origins,
verticles, metrics before and after, threads twice, a recording of Java Flight
Recorder, and the last 1,000 lines of the log. The service goes on meanwhile; the
recording costs it a few per cent of the processor. Secrets are left out. Links,
and where they lead, may stand in the log.

  --management URL  its management port     (http://127.0.0.1:8081)
  --seconds N       length of the recording (30; 0: no recording)
  --output FILE     the archive             (shortwave-diagnosis-TIME.tar.gz)
  --help            this text

  MANAGEMENT_TOKEN  the token of the management port, if it has one

It needs curl. Exit code 0 if all was gathered, 1 if something was missing: the
archive has the rest, and says what. 2 for a wrong call.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/scratch.sh
. "$here/lib/scratch.sh"

wrong() {
  echo "$1 (try --help)" >&2
  exit 2
}

url=http://127.0.0.1:8081
seconds=30
output=shortwave-diagnosis-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --management | --seconds | --output)
      (($# > 1)) || wrong "$1 needs a value"
      case $1 in
        --management) url=${2%/} ;;
        --seconds) [[ $2 =~ ^[0-9]{1,3}$ ]] || wrong "--seconds takes a number from 0 to 600"; seconds=$((10#$2)) ;;
        --output) output=$2 ;;
      esac
      shift
      ;;
    *) wrong "unknown argument '$1'" ;;
  esac
  shift
done
((seconds <= 600)) || wrong "--seconds takes a number from 0 to 600"
token=${MANAGEMENT_TOKEN:-}

scratch_folder "${TMPDIR:-/tmp}"
name=shortwave-diagnosis
folder=$work/$name
mkdir "$folder"
missing=0

# ask FILE PATH [curl's arguments]: the answer as a file, whatever its status. The token goes over standard input: the
# list of processes is everybody's.
ask() {
  local file=$folder/$1 path=$2 status
  shift 2
  status=$(printf '%s' "${token:+header = \"Authorization: Bearer $token\"}" |
    curl -sS -K - -o "$file" -w '%{http_code}' --noproxy '*' -m $((seconds + 30)) "$@" "$url$path" 2>>"$folder/missing.txt") ||
    status='no answer'
  # Health is 503 when a dependency is away: that is an answer.
  if [[ $status != 200 && ! ($path == /health* && $status == 503) ]]; then
    echo "$path: $status" >>"$folder/missing.txt"
    missing=1
  fi
  [[ $status != 401 ]] || die "the management port asks for its token: set MANAGEMENT_TOKEN"
  [[ $path != /health || $status != 'no answer' ]] || die "nobody answers at $url: see --management"
}

# machine: what the service can't tell.
machine() {
  date -u +'%Y-%m-%dT%H:%M:%SZ'
  uname -a
  uptime
  free -m || true
  df -h . || true
}

ask health.json /health
ask health-ready.json /health/ready
ask config.json /config
ask verticles.json /admin/verticles
ask loggers.json /admin/loggers
ask metrics-before.txt /metrics
ask threads-before.txt /admin/threads
machine >"$folder/machine.txt" 2>&1 || true
if ((seconds > 0)); then
  say "recording for $seconds s"
  ask recording.jfr "/admin/recording?seconds=$seconds" -X POST
fi
ask metrics-after.txt /metrics
ask threads-after.txt /admin/threads
ask log.txt /admin/log

# The service hides its secrets by itself. What slipped into a line of the log nevertheless is hidden here.
hide=(-e 's#(://[^:/@[:space:]]*:)[^@[:space:]]*@#\1<hidden>@#g'
  -e 's#(([Pp]assword|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN)[^=:"[:space:]]{0,20}=)[^&[:space:]"]*#\1<hidden>#g'
  -e 's#(Bearer )[^[:space:]"]+#\1<hidden>#g')
for file in "$folder"/*.txt "$folder"/*.json; do
  [[ -f $file ]] || continue
  sed -E "${hide[@]}" "$file" >"$work/clean"
  if [[ -n $token ]]; then
    while IFS= read -r line || [[ -n $line ]]; do printf '%s\n' "${line//"$token"/<hidden>}"; done <"$work/clean" >"$file"
  else
    cp "$work/clean" "$file"
  fi
done
[[ -s $folder/missing.txt ]] || rm -f "$folder/missing.txt"

tar -czf "$output" -C "$work" "$name"
say "wrote $output"
if ((missing)); then
  say "not all of it is there:"
  cat "$folder/missing.txt" >&2
fi
exit "$missing"
