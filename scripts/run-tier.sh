#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run-tier.sh TIER [options]

Puts a load on Shortwave with k6, judges it, and leaves results/TIME-TIER/ with
report.md, charts, k6's own report and all figures.

  bronze    50 users of a few hot codes                        1 JVM
  silver    up to 200 of them                                  2 JVMs
  gold      up to 500 users, 95 % redirects and 5 % creates    4 JVMs
  platinum  redirects at a growing rate until p99 breaks       2 JVMs
  chaos     gold, while JVMs are killed and restarted, Redis
            is restarted and PostgreSQL stands still           4 JVMs
  soak      200 users for half an hour: memory, lag            2 JVMs
  cold      nothing cached, 100,000 links, each as likely      2 JVMs
  flood     a scanner of unknown codes beside 50 users         2 JVMs

  --mode local|url  local: starts PostgreSQL, Redis, the JVMs and HAProxy on
                    free ports of this machine, counts what was booked, and
                    stops all of it, also on Ctrl-C. url: only loads what
                    --url names, which must be yours                    (local)
  --instances N     JVMs of local mode
  --url URL         the service's address; implies --mode url
  --duration TIME   of the load at its height, such as 90s or 2h
  --quick           a short run that shows that all works: objectives on
                    latency are not judged
  --keep            leave everything of local mode running, with its data
  --help            this text

Needs a JDK and k6; local mode needs haproxy and, from two JVMs on,
redis-server too. SHORTWAVE_… variables count for every JVM, so that settings
can be compared. For platinum: P99_MILLISECONDS (50), FIRST_RATE (500),
GROWTH (1.25), STEPS (20), STEP_SECONDS (10); for flood: FLOOD_RATE (1000).

Exit code: 0 if the objective was met, 1 if not or if something failed.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"
# shellcheck source=scripts/lib/faults.sh
. "$here/lib/faults.sh"

readonly REMEDY_K6='1.0 or newer: brew install k6, winget install k6, go install go.k6.io/k6@v1.8.1, or a package from https://grafana.com/docs/k6/latest/set-up/install-k6/'

tier=
mode=local
instances=
url=
duration=
quick=no
keep=
while (($#)); do
  case $1 in
    --mode | --instances | --url | --duration) (($# > 1)) || die "$1 needs a value (try --help)" ;;
  esac
  case $1 in
    --mode)
      [[ $2 == local || $2 == url ]] || die "--mode is local or url, not '$2'"
      mode=$2
      shift
      ;;
    --instances)
      { [[ $2 =~ ^[1-9][0-9]?$ ]] && ((10#$2 <= 16)); } || die "--instances takes a number from 1 to 16, not '$2'"
      instances=$2
      shift
      ;;
    --url)
      [[ $2 =~ ^https?://[^/]+/?$ ]] || die "--url takes an address such as http://127.0.0.1:8080, not '$2'"
      url=${2%/} mode=url
      shift
      ;;
    --duration)
      [[ $2 =~ ^[1-9][0-9]*(s|m|h)$ ]] || die "--duration takes a time such as 90s, 5m or 2h, not '$2'"
      duration=$2
      shift
      ;;
    --quick) quick=yes ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    bronze | silver | gold | platinum | chaos | soak | cold | flood)
      [[ -z $tier ]] || die "one tier at a time: $tier or $1"
      tier=$1
      ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done
[[ -n $tier ]] || { usage >&2; exit 1; }
[[ $mode != url || -n $url ]] || die '--mode url needs --url'
[[ $mode != url || $tier != chaos ]] || die 'chaos needs --mode local: it kills what it started'
if [[ -z $instances ]]; then
  case $tier in
    bronze) instances=1 ;;
    gold | chaos) instances=4 ;;
    *) instances=2 ;;
  esac
fi
[[ $tier != chaos ]] || ((instances > 1)) || die 'chaos needs two JVMs or more: with one, a restart is an outage'

find_java
require_compiler
k6=$(find_tool k6 "$REMEDY_K6")
[[ $mode != local ]] || fleet_tools "$instances"
[[ $mode != local ]] || build_if_needed

results=$ROOT/results/$(date +%Y%m%d-%H%M%S)-$tier
mkdir -p "$results"
FLEET=$results/fleet
k6_process=
watch_process=
faults_process=

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$? pid
  trap - EXIT
  trap '' INT TERM HUP
  for pid in $k6_process $faults_process $watch_process; do
    ! running "$pid" || kill -TERM "$pid" 2>/dev/null || true
  done
  if [[ $mode == local ]]; then
    faults_end
    if [[ -n $keep ]] && running "$(fleet_pid haproxy)"; then
      say "left running: $(fleet_url), stop it with scripts/fleet.sh --stop --folder '$FLEET'"
    else
      say 'stopping all'
      fleet_stop
      rm -rf "$FLEET/postgres" "$FLEET/postgres-binaries" "$FLEET/clicks" "$FLEET/database-url"
    fi
  fi
  exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# told NAME VALUE: for the report.
told() { printf '%s\t%s\n' "$1" "$2" >>"$results/run.tsv"; }

# same_kind FOLDER: whether it was a run to compare with.
same_kind() {
  [[ -s $1/figures.tsv ]] && grep -qx "mode	$mode" "$1/run.tsv" && grep -qx "quick	$quick" "$1/run.tsv" &&
    grep -qx "instances	$instances" "$1/run.tsv"
}

previous_run() {
  local folder last=
  for folder in "$ROOT"/results/*-"$tier"; do
    [[ $folder == "$results" ]] || ! same_kind "$folder" || last=$folder
  done
  echo "$last"
}

describe_machine() {
  local model memory
  model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1) || true
  memory=$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo 2>/dev/null) || true
  echo "$(uname -sm), $cores cores${model:+ ($model)}${memory:+, $memory}"
}

describe_settings() { env | grep -E '^(SHORTWAVE_|JAVA_OPTS=|PROXY_|P99_MILLISECONDS=|FIRST_RATE=|GROWTH=|STEP|FLOOD_RATE=)' | grep -v PASSWORD | sort | paste -sd ' ' - || true; }

commit=$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)
[[ -z $(git -C "$ROOT" status --porcelain 2>/dev/null) ]] || commit+=' with changes'
cores=$(getconf _NPROCESSORS_ONLN)
told tier "$tier"
told mode "$mode"
told quick "$quick"
told instances "$instances"
told began "$(date -u '+%Y-%m-%d %H:%M UTC')"
told commit "$commit"
told cores "$cores"
told machine "$(describe_machine)"
told java "$(head -n 1 <<<"$JAVA_VERSION_TEXT")"
told k6 "$("$k6" version)"
told settings "$(describe_settings)"
load_before=$(load_average)

compile_tools
if [[ $mode == local ]]; then
  told setup "$instances JVM(s) behind HAProxy, PostgreSQL$( ((instances < 2)) || echo ', Redis') and k6 on one machine"
  told haproxy "$("$HAPROXY" -v | head -n 1)"
  [[ -z $REDIS ]] || told redis "$("$REDIS" --version)"
  seeds=$ROOT/seeds
  if [[ $tier == cold ]]; then
    seeds=$FLEET/seeds
    links=$([[ $quick == yes ]] && echo 10000 || echo 100000)
    say "making $links links"
    "$JAVA" "$here/GenerateSeeds.java" --urls "$links" --events "$links" "$seeds" >/dev/null
    export SHORTWAVE_CACHE_WARM_AT_START=false
  fi
  fleet_start "$instances" 0 "$seeds"
  url=$(fleet_url)
else
  told setup "$url"
fi
fetch_codes "$url" >"$results/codes"
[[ -s $results/codes ]] || die "$url has no active links to load"
say "$(wc -l <"$results/codes" | tr -d ' ') codes; loading $url"

export K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD=1s
export K6_WEB_DASHBOARD_EXPORT=$results/k6.html K6_WEB_DASHBOARD_RECORD=$results/timeline.ndjson
# In the background, so that a signal ends this script at once; its progress goes to the terminal all the same.
BASE_URL=$url CODES=$results/codes QUICK=$quick DURATION=$duration RESULTS=$results \
  "$k6" run --no-usage-report "$ROOT/k6/$tier.js" &
k6_process=$!
if [[ $mode == local ]]; then
  "$JAVA" -Xmx64m -cp "$TOOLS" Watch "$FLEET" "$k6_process" >"$results/samples.tsv" 2>"$FLEET/watch.log" &
  watch_process=$!
fi
if [[ $tier == chaos ]]; then
  faults "$results/faults.tsv" "$quick" &
  faults_process=$!
fi
code=0
wait "$k6_process" || code=$?
k6_process=
told 'k6 exit code' "$code"
told 'load average' "$load_before before, $(load_average) after"
if [[ -n $faults_process ]]; then
  wait "$faults_process" || die "a fault could not be brought about or mended, see $FLEET"
  faults_process=
  told faults "$(paste -sd ';' "$results/faults.tsv" | sed 's/;/; /g')"
fi
[[ -s $results/summary.tsv ]] || die "k6 ended with exit code $code and left no summary"
served=$(awk -F '\t' '$1 == "found" && $2 == "count" { print $3 }' "$results/summary.tsv")
if [[ $mode == local ]]; then
  say "waiting until $served clicks are booked"
  booked=$(booked_clicks "${served:-0}" 60)
  told booked "${booked% *}"
  told counters "${booked#* }"
  kill -TERM "$watch_process" 2>/dev/null || true
  watch_process=
fi

previous=$(previous_run)
code=0
"$JAVA" -cp "$TOOLS" Report "$results" ${previous:+"$previous"} || code=$?
say "report: $results/report.md"
exit "$code"
