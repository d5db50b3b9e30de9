#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/diagnose.sh [options]

Collects diagnostic data from a running service into one archive: a summary of
findings, health, settings with their origins, verticles, two snapshots of metrics
and threads, a recording of Java Flight Recorder, and the last 1,000 log lines.
The service keeps running; the recording costs a few per cent of one processor.
Secrets are redacted. Log lines may contain short codes and destinations.

  --management URL  management port; repeat it for each JVM of the service
                                            (http://127.0.0.1:8081)
  --proxy URL       HAProxy's statistics, such as http://127.0.0.1:8404
  --code CODE       explain how a redirect of this code is answered
  --seconds N       length of the recording (30; 0: no recording)
  --output FILE     the archive             (shortwave-diagnosis-TIME.tar.gz)
  --help            this text

  MANAGEMENT_TOKEN  the token of the management port, if it has one

Needs curl. Exit code 0 if everything was collected, 1 if parts are missing (the
archive lists them), 2 for a usage error.
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
          [[ $2 != *@* ]] || wrong "--management takes a URL without a password; use MANAGEMENT_TOKEN"
          # Duplicates would write into the same folder.
          [[ " ${urls[*]-} " == *" ${2%/} "* ]] || urls+=("${2%/}")
          ;;
        --proxy) proxy=${2%/} ;;
        --code)
          [[ $2 =~ ^[A-Za-z0-9_-]{1,64}$ ]] || wrong "--code takes the code of a link, not a URL"
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

# Checked first, so that no recording is lost.
[[ -w $(dirname "$output") ]] || wrong "$output can't be written"

scratch_folder "${TMPDIR:-/tmp}"
name=shortwave-diagnosis
mkdir "$work/$name"

# ask URL FILE [curl's arguments]: writes the response to the file. The token goes over standard input, because every local
# user can read the arguments of a process.
ask() {
  local url=$1 file=$2 status
  shift 2
  status=$(printf '%s' "${token:+header = \"Authorization: Bearer $token\"}" |
    curl -sS -K - -o "$file" -w '%{http_code}' --noproxy '*' -m $((seconds + 30)) "$@" "$url" 2>>"$work/missing") ||
    status='no answer'
  # Health answers 503 when a dependency is down.
  if [[ $status != 200 && ! ($url == */health* && $status == 503) ]]; then
    echo "$url: $status" >>"$work/missing"
    rm -f "$file"
  fi
  # With several JVMs, one with another token does not stop the collection.
  [[ $status != 401 || ${#urls[@]} -gt 1 ]] || die "$url requires a token: set MANAGEMENT_TOKEN"
  [[ $url != */health || $status != 'no answer' || ${#urls[@]} -gt 1 ]] || die "no answer from ${url%/health}: see --management"
}

# machine: facts about the host.
machine() {
  date -u +'%Y-%m-%dT%H:%M:%SZ'
  uname -a
  uptime
  free -m || true
  df -h . || true
}

# folder_of URL: a folder for each JVM if there are several.
folder_of() {
  if ((${#urls[@]} == 1)); then echo "$work/$name"; else echo "$work/$name/$(tr -c 'A-Za-z0-9.\n' - <<<"${1#*://}")"; fi
}

# gather URL FOLDER: collects the data of one JVM.
gather() {
  ask "$1/health" "$2/health.json"
  # With several JVMs, one that is down does not stop the collection.
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

# summary FOLDER: prints findings by the conditions of the alerts, each with its runbook, and the last warnings of the log.
summary() {
  awk '
    function finding(what, runbook) { print "- " what " (docs/runbooks/" runbook ".md)"; found = 1 }
    FILENAME != before && before != "" { second = 1 }
    { before = FILENAME }
    /^#/ { next }
    { series = $0; sub(/ [^ ]*$/, "", series); value = $NF }
    !second { first[series] = value; next }
    series ~ /^http_server_request_duration_seconds_count.*http_response_status_code="5/ && series !~ /http_route="\/health/ { failed += value - first[series] }
    series ~ /^shortwave_redirects_total.*outcome="failed"/ { failed += value - first[series] }
    series ~ /^shortwave_redirect_duration_seconds_count/ { redirects += value - first[series]; slow += value - first[series] }
    series ~ /^shortwave_redirect_duration_seconds_bucket.*le="0.02"/ { slow -= value - first[series] }
    series ~ /^shortwave_redirects_total.*source="database"/ { asked += value - first[series] }
    series ~ /^shortwave_event_loop_lag_seconds/ && value > lag { lag = value }
    series ~ /^vertx_pool_queue_pending.*pool_type="sql"/ { waiting += value }
    { now[series] = value }
    END {
      if (now["shortwave_database_up"] == 0) finding("PostgreSQL does not answer", "DatabaseDown")
      if ("shortwave_redis_up" in now && now["shortwave_redis_up"] == 0) finding("Redis does not answer", "RedisDown")
      if (now["shortwave_cache_lease_valid"] == 0)
        if (now["shortwave_database_up"] == 0) finding("no cache lease, because a new one needs PostgreSQL; the local cache is not used", "DatabaseDown")
        else finding("no cache lease; each redirect queries PostgreSQL", "RedisDown")
      if ("shortwave_config_reload_successful" in now && now["shortwave_config_reload_successful"] == 0) finding("changed settings were rejected: see health.json", "ConfigReloadFailed")
      if (failed > 0) finding(failed " responses were 5xx during the collection", "HighErrorRate")
      if (lag > 0.5) finding(sprintf("an event loop was blocked for %.1f s", lag), "EventLoopBlocked")
      if (waiting > 0) finding(waiting " requests wait for a connection to PostgreSQL", "RedirectLatencySLOBurn")
      if (now["shortwave_clicks_lag_seconds"] > 30) finding(sprintf("the oldest pending click is %.0f s old", now["shortwave_clicks_lag_seconds"]), "ClickBacklogHigh")
      if (now["shortwave_journal_pending_bytes"] > now["shortwave_journal_max_bytes"] / 2) finding("more than half of the click journal is pending", "ClickJournalFilling")
      if (now["shortwave_clicks_dropped_total{reason=\"journal_full\"}"] > 0) finding(now["shortwave_clicks_dropped_total{reason=\"journal_full\"}"] " clicks were dropped because the journal was full", "ClicksDropped")
      if (now["shortwave_clicks_failing_seconds"] > 30 && now["shortwave_database_up"] == 1) finding(sprintf("booking has failed for %.0f s", now["shortwave_clicks_failing_seconds"]), "BookingFailing")
      if (now["shortwave_clicks_dropped_total{reason=\"database_rejected\"}"] > 0) finding(now["shortwave_clicks_dropped_total{reason=\"database_rejected\"}"] " clicks were rejected by PostgreSQL", "ClicksRejected")
      if (now["shortwave_journal_corrupt_bytes_total"] > 0) finding(now["shortwave_journal_corrupt_bytes_total"] " bytes of the journal are corrupt", "JournalCorrupt")
      if (now["shortwave_journal_filesystem_avail_bytes"] < now["shortwave_journal_filesystem_size_bytes"] / 10) finding("less than a tenth of the file system of the journal is free", "JournalDiskFilling")
      if (redirects > 0 && slow / redirects > 0.01) finding(sprintf("%.0f %% of %d redirects took longer than 20 ms", 100 * slow / redirects, redirects), "RedirectLatencySLOBurn")
      if (redirects > 0 && asked / redirects > 0.2) finding(sprintf("%.0f %% of %d redirects queried PostgreSQL", 100 * asked / redirects, redirects), "CacheMissRatioHigh")
      if (!found) print "- no findings"
    }' "$1/metrics-before.txt" "$1/metrics-after.txt"
  grep -E '(^|[^A-Z])(WARN|ERROR)([^A-Z]|$)' "$1/log.txt" | tail -n 10 | sed 's/^/    /' || true
}

say "collecting$( ((!seconds)) || echo ", with a recording of $seconds s")"
machine >"$work/$name/machine.txt" 2>&1 || true
gathering=()
for url in "${urls[@]}"; do
  mkdir -p "$(folder_of "$url")"
  gather "$url" "$(folder_of "$url")" &
  gathering+=($!)
done
for process in "${gathering[@]}"; do wait "$process"; done
if [[ -n $proxy ]]; then
  # HAProxy must not receive the token of the service.
  token='' ask "$proxy/;csv" "$work/$name/haproxy.csv"
  token='' ask "$proxy/metrics" "$work/$name/haproxy.txt"
fi
for url in "${urls[@]}"; do
  folder=$(folder_of "$url")
  echo "$url"
  if [[ -s $folder/metrics-before.txt && -s $folder/metrics-after.txt ]]; then
    summary "$folder"
  elif grep -qF "$url/metrics: 401" "$work/missing" 2>/dev/null || grep -qF "$url/health: 401" "$work/missing" 2>/dev/null; then
    echo "- MANAGEMENT_TOKEN is not its token"
  elif [[ -s $folder/health.json ]]; then
    echo "- no metrics"
  else
    echo "- it does not answer (docs/runbooks/InstanceDown.md)"
  fi
done >"$work/$name/summary.txt"
if [[ -n $proxy ]]; then
  echo "$proxy"
  if [[ -s $work/$name/haproxy.csv ]]; then
    # Finds the column by its name; unused server slots are in maintenance.
    awk -F , 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "status") column = i }
      NR > 1 && $1 == "app" && $2 != "BACKEND" && $column !~ /^(UP|MAINT)/ { print "- " $2 " is " $column; found = 1 }
      END { if (!found) print "- all JVMs that it knows are up" }' "$work/$name/haproxy.csv"
  else
    echo "- it does not answer"
  fi
fi >>"$work/$name/summary.txt"

[[ ! -s $work/missing ]] || cp "$work/missing" "$work/$name/missing.txt"

# The service redacts its secrets. This redacts those that log lines may contain nevertheless.
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
  say "parts are missing:"
  cat "$work/$name/missing.txt" >&2
  exit 1
fi
