#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/bench.sh [options] [ROW...]

Measures the targets of the service, each figure beside its baseline in the same
run: rounds alternate, the report has medians, and after each run every answered
redirect must be booked. Builds first if necessary. Uses free ports and a
temporary folder for data, and stops all its processes. docs/benchmarks.md
explains each figure.

Progress goes to standard error, the tables (Markdown) to standard output.

Rows (all of them, in this order):
  throughput   warm redirects beside a bare Vert.x server          needs wrk
  latency      the same two at 60 % of that throughput, open loop  needs wrk
  allocation   bytes a warm redirect, beside the bare server       needs wrk
  misses       links found in Redis, and in PostgreSQL    needs redis-server
  warmup       a million links into the caches            needs redis-server
  staleness    edits and deletions over four JVMs         needs redis-server
  proxy        HAProxy with two JVMs, and with two bare servers
                                             needs wrk, haproxy, redis-server
  metrics      their cost, on the bare server                      needs wrk
  jmh          microbenchmarks of single classes
  booking      the recorder alone, beside plain inserts
  stats        one link with millions of clicks

Options:
  --quick            seconds instead of minutes: a functional check, the
                     figures are meaningless
  --rounds N         rounds of each figure                         (5)
  --short SECONDS    a round of throughput, allocation, proxy, metrics
                                                                   (5)
  --sustain SECONDS  a round of sustained throughput               (60)
  --steady SECONDS   a round of latency and misses                 (20)
  --warm-up SECONDS  before the measurement                        (25)
  --connections N    keep-alive connections                        (64)
  --links N          links of the warm-up                          (1000000)
  --edits N          edits of the staleness row                    (1000)
  --profile          also report allocation sites: allocation, warmup
  --folder DIR       parent of the temporary folder (TMPDIR, else /tmp);
                     writes are synced, so its disk matters
  --output FILE      append the tables to FILE too
  --keep             leave the temporary folder
  --help             this text

Uses JAVA_HOME, JAVA_OPTS and SHORTWAVE_HEAP as scripts/run.sh does, and ignores
other variables of Shortwave, databases and ports.

Figures depend on the machine and its load, so the report has the load average.
A missed target is marked and is no failure.
Exit code: 1 after a wrong response, a click that is missing or booked twice, or
a time-out.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/report.sh
. "$here/lib/report.sh"
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/bench/servers.sh
. "$here/bench/servers.sh"
# shellcheck source=scripts/bench/throughput.sh
. "$here/bench/throughput.sh"
# shellcheck source=scripts/bench/latency.sh
. "$here/bench/latency.sh"
# shellcheck source=scripts/bench/allocation.sh
. "$here/bench/allocation.sh"
# shellcheck source=scripts/bench/misses.sh
. "$here/bench/misses.sh"
# shellcheck source=scripts/bench/warmup.sh
. "$here/bench/warmup.sh"
# shellcheck source=scripts/bench/staleness.sh
. "$here/bench/staleness.sh"
# shellcheck source=scripts/bench/proxy.sh
. "$here/bench/proxy.sh"
# shellcheck source=scripts/bench/metrics.sh
. "$here/bench/metrics.sh"
# shellcheck source=scripts/bench/jmh.sh
. "$here/bench/jmh.sh"

all_rows=(throughput latency allocation misses warmup staleness proxy metrics jmh booking stats)
rows=()
rounds=5
short=5
sustain=60
steady=20
warm_up=25
connections=64
links=1000000
edits=1000
redirects_beside=1000
quick=
profile=
failures=0

while (($#)); do
  case $1 in
    --quick) quick=yes rounds=2 short=2 sustain=5 steady=3 warm_up=3 links=100000 edits=200 ;;
    --rounds | --short | --sustain | --steady | --warm-up | --connections | --links | --edits)
      number_option "$@"
      shift
      ;;
    --profile) profile=yes ;;
    --folder | --output) path_option "$@"; shift ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    *)
      [[ " ${all_rows[*]} " == *" $1 "* ]] || die "unknown row or option '$1' (try --help)"
      rows+=("$1")
      ;;
  esac
  shift
done
((${#rows[@]})) || rows=("${all_rows[@]}")

# wrong WHAT: records a failure for the exit code; the run continues.
wrong() {
  failures=$((failures + 1))
  note "WRONG: $*"
}

# program_row CLASS [QUICK...]: a row that is a program of its own, and prints Markdown; QUICK are its arguments with --quick.
program_row() {
  local program=$1 arguments=()
  shift
  [[ -z $quick ]] || arguments=("$@")
  limited 3600 exec_tool "bench.$program" ${arguments[@]+"${arguments[@]}"} || wrong "$program failed, see above"
  cat "$work/answer"
}

row_booking() { program_row BookingRate --clicks 20000 --rounds 2; }
row_stats() { program_row StatsAtScale --clicks 200000 --events 20000 --requests 200; }

# finish: writes the report, after a failure too.
finish() {
  local code=$?
  if [[ -s $work/tables ]]; then
    { machine "$work" && cat "$work/tables"; } >"$work/report"
    print_report "$work/report"
  fi
  clean_up "$code"
}

find_java
build_tools_if_needed >&2
measure_the_default
scratch_folder "$folder"
trap finish EXIT
jvm_flags
# Listed one by one, as for the service, because the order affects the figures.
bench_path=$TOOLS:$(class_path)
for jar in "$BUILD"/tools-lib/*.jar; do bench_path+=:$jar; done
begin_figures

for row in "${rows[@]}"; do
  note "row $row"
  "row_$row" >"$work/table"
  cat "$work/table" >>"$work/tables"
done
((failures == 0)) || fail "$failures checks did not hold, see above"
