#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run-tier.sh TIER [options]

Loads Shortwave with k6, compares the result with the objective, and writes
results/TIME-TIER/ with report.md, charts, k6's report and all figures.

  bronze    50 users of a few hot codes                        1 JVM
  silver    up to 200 of them                                  2 JVMs
  gold      up to 500 users, 95 % redirects and 5 % creates    4 JVMs
  platinum  redirects at a growing rate until p99 breaks       2 JVMs
  chaos     gold, while JVMs are killed and restarted, Redis
            is restarted and PostgreSQL is paused              4 JVMs
  soak      200 users for half an hour: memory, lag            2 JVMs
  cold      empty caches, 100,000 links, uniformly distributed 2 JVMs
  flood     a scanner of unknown codes beside 50 users         2 JVMs

  --mode local|compose|url
                    local: starts PostgreSQL, Redis, the JVMs and HAProxy on
                    free ports of this machine, counts booked clicks, and
                    stops all of it, also on Ctrl-C. compose: the same with
                    docker/compose.yaml, with k6 in a container too. url: only
                    loads what --url names, which must be yours         (local)
  --instances N     JVMs of local and compose mode
  --url URL         the service's address; implies --mode url
  --duration TIME   of the load at its height, such as 90s or 2h
  --idle N          N more clients with idle connections, none of which may
                    be closed                                            (0)
  --quick           a short functional check, without objectives on latency
  --keep            leave all processes running, with their data
  --help            this text

Needs a JDK and curl. Local mode needs k6, haproxy and, from two JVMs on,
redis-server too; url mode k6; compose mode docker with Compose 2.24 or newer.

SHORTWAVE_… variables apply to every JVM, so that runs can compare settings.
For gold: WARM_UP_SECONDS before the measurement (90). For platinum:
P99_MILLISECONDS (50), FIRST_RATE (500), GROWTH (1.25), STEPS (20),
STEP_SECONDS (10); for flood: FLOOD_RATE (1000).

Exit code: 0 if the objective was met, 1 if not or after a failure, 3 if other
programs used so much processor time that the run is not comparable; verdict.tsv
has the same result.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/stack.sh
. "$here/lib/stack.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"
# shellcheck source=scripts/lib/faults.sh
. "$here/lib/faults.sh"
# shellcheck source=scripts/lib/settings.sh
. "$here/lib/settings.sh"
# shellcheck source=scripts/lib/tier.sh
. "$here/lib/tier.sh"

tier=
mode=local
instances=
url=
duration=
idle=0
quick=no
keep=
while (($#)); do
  case $1 in
    --mode | --instances | --url | --duration | --idle) (($# > 1)) || die "$1 needs a value (try --help)" ;;
  esac
  case $1 in
    --mode)
      [[ $2 == local || $2 == compose || $2 == url ]] || die "--mode is local, compose or url, not '$2'"
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
    --idle)
      { [[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 <= 20000)); } || die "--idle takes a number up to 20000, not '$2'"
      idle=$((10#$2)) # 010000 is ten thousand
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
[[ $mode == local || $tier != chaos ]] || die 'chaos needs --mode local: it kills what it started'
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
tier_tools
build_tools_if_needed

results=$ROOT/results/$(date +%Y%m%d-%H%M%S)-$tier
mkdir -p "$results" || die "$ROOT/results can't be written"
FLEET=$results/fleet
clean_up_at_end

describe_run
load_before=$(load_average)
[[ $tier != cold ]] || export SHORTWAVE_CACHE_WARM_AT_START=false
[[ $mode == url ]] || seeds=$(seeds_of_tier)
"start_$mode"
fetch_codes "$url" >"$results/codes"
[[ -s $results/codes ]] || die "$url has no active links to load"
say "$(wc -l <"$results/codes" | tr -d ' ') codes; loading $url"

((!idle)) || idle_begin
start_k6
[[ $mode == url ]] || start_sampler
if [[ $tier == chaos ]]; then
  faults "$results/faults.tsv" "$quick" &
  faults_process=$!
fi
code=0
wait "$k6_process" || code=$?
k6_process=
record 'k6 exit code' "$code"
((!idle)) || idle_end
record 'load average' "$load_before before, $(load_average) after"
[[ $tier != chaos ]] || faults_join
[[ -s $results/summary.tsv ]] || die "k6 ended with exit code $code and left no summary"
[[ $mode == url ]] || await_booked

previous=$(previous_run)
code=0
run_tool tools.tier.TierReport "$results" ${previous:+"$previous"} || code=$?
say "report: $results/report.md"
exit "$code"
