#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/diagnose.sh [options]

Asks a running service for all that helps to find out what is wrong with it, and
packs the answers into one archive: a summary of what is not as it should be,
health, settings with their origins, verticles, metrics before and after, threads
twice, a recording of Java Flight Recorder, and the last 1,000 lines of the log.
The service goes on meanwhile; the recording costs it a few per cent of the
processor. Secrets are left out. Links, and where they lead, may stand in the log.

  --management URL  its management port; give it again for each further JVM of
                    the service             (http://127.0.0.1:8081)
  --proxy URL       HAProxy's statistics, such as http://127.0.0.1:8404
  --code CODE       how a redirect of this code is answered now, and why
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
# shellcheck source=scripts/lib/workdir.sh
. "$here/lib/workdir.sh"

wrong() {
  echo "$1 (try --help)" >&2
  exit 2
}

urls=()
proxy=
code=
seconds=30
output=shortwave-diagnosis-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --management | --proxy | --code | --seconds | --output)
      (($# > 1)) || wrong "$1 needs a value"
      case $1 in
        --management)
          [[ $2 != *@* ]] || wrong "--management takes an address without a password: MANAGEMENT_TOKEN is for that"
          # Each once, or two would write into one folder.
          [[ " ${urls[*]-} " == *" ${2%/} "* ]] || urls+=("${2%/}")
          ;;
        --proxy) proxy=${2%/} ;;
        --code)
          [[ $2 =~ ^[A-Za-z0-9_-]{1,64}$ ]] || wrong "--code takes the code of a link, without the address before it"
          code=$2
          ;;
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
((${#urls[@]})) || urls=(http://127.0.0.1:8081)
token=${MANAGEMENT_TOKEN:-}

# Before minutes of recording are for nothing.
[[ -w $(dirname "$output") ]] || wrong "$output can't be written"

scratch_folder "${TMPDIR:-/tmp}"
name=shortwave-diagnosis
mkdir "$work/$name"

# ask URL FILE [curl's arguments]: the answer as a file, if it is one. The token goes over standard input: the
# list of processes is everybody's.
ask() {
  local url=$1 file=$2 status
  shift 2
  status=$(printf '%s' "${token:+header = \"Authorization: Bearer $token\"}" |
    curl -sS -K - -o "$file" -w '%{http_code}' --noproxy '*' -m $((seconds + 30)) "$@" "$url" 2>>"$work/missing") ||
    status='no answer'
  # Health is 503 when a dependency is away: that is an answer.
  if [[ $status != 200 && ! ($url == */health* && $status == 503) ]]; then
    echo "$url: $status" >>"$work/missing"
    rm -f "$file"
  fi
  # One of several may have another token: the others tell all the same.
  [[ $status != 401 || ${#urls[@]} -gt 1 ]] || die "$url asks for its token: set MANAGEMENT_TOKEN"
  [[ $url != */health || $status != 'no answer' || ${#urls[@]} -gt 1 ]] || die "nobody answers at ${url%/health}: see --management"
}

# machine: what the service can't tell.
machine() {
  date -u +'%Y-%m-%dT%H:%M:%SZ'
  uname -a
  uptime
  free -m || true
  df -h . || true
}

# folder_of URL: one for each JVM, if there are several.
folder_of() {
  if ((${#urls[@]} == 1)); then echo "$work/$name"; else echo "$work/$name/$(tr -c 'A-Za-z0-9.\n' - <<<"${1#*://}")"; fi
}

# gather URL FOLDER: all that one JVM tells.
gather() {
  ask "$1/health" "$2/health.json"
  # One of several that is gone.
  [[ -s $2/health.json ]] || return 0
  ask "$1/health/ready" "$2/health-ready.json"
  ask "$1/config" "$2/config.json"
  ask "$1/admin/verticles" "$2/verticles.json"
  ask "$1/admin/loggers" "$2/loggers.json"
  [[ -z $code ]] || ask "$1/admin/links/$code/explain" "$2/explain.json"
  ask "$1/metrics" "$2/metrics-before.txt"
  ask "$1/admin/threads" "$2/threads-before.txt"
  ((!seconds)) || ask "$1/admin/jfr?seconds=$seconds" "$2/recording.jfr" -X POST
  ask "$1/metrics" "$2/metrics-after.txt"
  ask "$1/admin/threads" "$2/threads-after.txt"
  ask "$1/admin/log" "$2/log.txt"
}

# summary FOLDER: what is not as it should be, by the figures that alerts are about, each with its runbook; and what the
# log warns of.
summary() {
  awk '
    function tell(what, runbook) { print "- " what " (docs/runbooks/" runbook ".md)"; told = 1 }
    FILENAME != before && before != "" { second = 1 }
    { before = FILENAME }
    /^#/ { next }
    { series = $0; sub(/ [^ ]*$/, "", series); value = $NF }
    !second { first[series] = value; next }
    series ~ /^shortwave_requests_seconds_count.*status="5/ && series !~ /route="\/health/ { failed += value - first[series] }
    series ~ /^shortwave_redirects_total.*outcome="failed"/ { failed += value - first[series] }
    series ~ /^shortwave_redirect_duration_seconds_count/ { redirects += value - first[series]; slow += value - first[series] }
    series ~ /^shortwave_redirect_duration_seconds_bucket.*le="0.02"/ { slow -= value - first[series] }
    series ~ /^shortwave_redirects_total.*source="database"/ { asked += value - first[series] }
    series ~ /^shortwave_event_loop_lag_seconds/ && value > lag { lag = value }
    series ~ /^vertx_pool_queue_pending.*pool_type="sql"/ { waiting += value }
    { now[series] = value }
    END {
      if (now["shortwave_database_up"] == 0) tell("PostgreSQL does not answer", "DatabaseDown")
      if ("shortwave_redis_up" in now && now["shortwave_redis_up"] == 0) tell("Redis does not answer", "RedisDown")
      if (now["shortwave_cache_lease_valid"] == 0)
        if (now["shortwave_database_up"] == 0) tell("it gets no new lease without PostgreSQL, so memory does not count", "DatabaseDown")
        else tell("it does not hear of changes, so each redirect asks PostgreSQL", "RedisDown")
      if (now["shortwave_settings_refused"] > 0) tell("its changed settings are refused: see health.json", "ConfigReloadFailed")
      if (failed > 0) tell(failed " answers were 5xx meanwhile", "HighErrorRate")
      if (lag > 0.5) tell(sprintf("an event loop was late by %.1f s", lag), "EventLoopBlocked")
      if (waiting > 0) tell(waiting " requests wait for a connection to PostgreSQL", "RedirectLatencySLOBurn")
      if (now["shortwave_clicks_lag_seconds"] > 30) tell(sprintf("clicks are not booked for %.0f s", now["shortwave_clicks_lag_seconds"]), "ClickBacklogHigh")
      if (now["shortwave_journal_pending_bytes"] > now["shortwave_journal_max_bytes"] / 2) tell("more than half of the journal waits to be booked", "ClickJournalFilling")
      if (now["shortwave_clicks_refused_total"] > 0) tell(now["shortwave_clicks_refused_total"] " clicks had no room in the journal", "ClicksDropped")
      if (now["shortwave_clicks_failing_seconds"] > 30 && now["shortwave_database_up"] == 1) tell(sprintf("clicks cannot be booked for %.0f s", now["shortwave_clicks_failing_seconds"]), "ClicksAreNotBooked")
      if (now["shortwave_clicks_rejected_total"] > 0) tell(now["shortwave_clicks_rejected_total"] " clicks were not taken by PostgreSQL", "ClicksRejected")
      if (now["shortwave_journal_corrupt_bytes_total"] > 0) tell(now["shortwave_journal_corrupt_bytes_total"] " bytes of the journal were not readable", "JournalCorrupt")
      if (now["shortwave_journal_filesystem_avail_bytes"] < now["shortwave_journal_filesystem_size_bytes"] / 10) tell("less than a tenth of the disk of the journal is free", "JournalDiskFilling")
      if (redirects > 0 && slow / redirects > 0.01) tell(sprintf("%.0f %% of %d redirects meanwhile took longer than 20 ms", 100 * slow / redirects, redirects), "RedirectLatencySLOBurn")
      if (redirects > 0 && asked / redirects > 0.2) tell(sprintf("%.0f %% of %d redirects meanwhile asked PostgreSQL", 100 * asked / redirects, redirects), "CacheMissRatioHigh")
      if (!told) print "- none of the figures that are looked at is out of the ordinary"
    }' "$1/metrics-before.txt" "$1/metrics-after.txt"
  grep -E '(^|[^A-Z])(WARN|ERROR)([^A-Z]|$)' "$1/log.txt" | tail -n 10 | sed 's/^/    /' || true
}

say "asking$( ((!seconds)) || echo ", and recording for $seconds s")"
machine >"$work/$name/machine.txt" 2>&1 || true
gathering=()
for url in "${urls[@]}"; do
  mkdir -p "$(folder_of "$url")"
  gather "$url" "$(folder_of "$url")" &
  gathering+=($!)
done
for process in "${gathering[@]}"; do wait "$process"; done
if [[ -n $proxy ]]; then
  # The token is the service's, and nobody else's.
  token='' ask "$proxy/;csv" "$work/$name/haproxy.csv"
  token='' ask "$proxy/metrics" "$work/$name/haproxy.txt"
fi
for url in "${urls[@]}"; do
  folder=$(folder_of "$url")
  echo "$url"
  if [[ -s $folder/metrics-before.txt && -s $folder/metrics-after.txt ]]; then
    summary "$folder"
  elif grep -qF "$url/metrics: 401" "$work/missing" 2>/dev/null || grep -qF "$url/health: 401" "$work/missing" 2>/dev/null; then
    echo "- it asks for another token than MANAGEMENT_TOKEN"
  elif [[ -s $folder/health.json ]]; then
    echo "- it did not tell its metrics"
  else
    echo "- it does not answer (docs/runbooks/InstanceDown.md)"
  fi
done >"$work/$name/summary.txt"
if [[ -n $proxy ]]; then
  echo "$proxy"
  if [[ -s $work/$name/haproxy.csv ]]; then
    # Columns by name; places for JVMs that there are not are in maintenance.
    awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "status") column = i }
      NR > 1 && $1 == "app" && $2 != "BACKEND" && $column !~ /^(UP|MAINT)/ { print "- it takes " $2 " for " $column; told = 1 }
      END { if (!told) print "- all JVMs that it knows are up" }' "$work/$name/haproxy.csv"
  else
    echo "- it does not answer"
  fi
fi >>"$work/$name/summary.txt"

[[ ! -s $work/missing ]] || cp "$work/missing" "$work/$name/missing.txt"

# The service hides its secrets by itself. What slipped into a line of the log nevertheless is hidden here.
hide=(-e 's#(://[^:/@[:space:]]*:)[^@[:space:]]*@#\1<hidden>@#g'
  -e 's#(([Pp]assword|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN)[^=:"[:space:]]{0,20}=)[^&[:space:]"]*#\1<hidden>#g'
  -e 's#("[^"]*([Pp]assword|PASSWORD|[Ss]ecret|SECRET|[Tt]oken|TOKEN)[^"]*"[[:space:]]*:[[:space:]]*")([^"\\]|\\.)*#\1<hidden>#g'
  -e 's#(Bearer )[^[:space:]"]+#\1<hidden>#g')
while IFS= read -r file; do
  sed -E "${hide[@]}" "$file" >"$work/clean"
  if [[ -n $token ]]; then
    while IFS= read -r line || [[ -n $line ]]; do printf '%s\n' "${line//"$token"/<hidden>}"; done <"$work/clean" >"$file"
  else
    cp "$work/clean" "$file"
  fi
done < <(find "$work/$name" -name '*.txt' -o -name '*.json')

(umask 077 && tar -czf "$output" -C "$work" "$name")
cat "$work/$name/summary.txt"
say "wrote $output"
if [[ -s $work/missing ]]; then
  say "not all of it is there:"
  cat "$work/$name/missing.txt" >&2
  exit 1
fi
