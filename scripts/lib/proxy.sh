# Sourced after common.sh, not run: statistics of HAProxy, wherever it runs.
# shellcheck shell=bash

# proxy_servers_up STATS_PORT: number of servers that are UP.
proxy_servers_up() {
  curl -sf -m 5 --noproxy '*' "http://127.0.0.1:$1/;csv" |
    awk -F, '$1 == "app" && $2 != "BACKEND" && $18 == "UP" { up++ } END { print up + 0 }'
}

# proxy_servers_down STATS_PORT: the other servers with their status.
proxy_servers_down() {
  curl -sf -m 5 --noproxy '*' "http://127.0.0.1:$1/;csv" |
    awk -F, '$1 == "app" && $2 != "BACKEND" && $18 != "UP" { printf " %s %s", $2, $18 }'
}

# proxy_retries STATS_PORT: number of retried requests.
proxy_retries() {
  curl -sf -m 5 --noproxy '*' "http://127.0.0.1:$1/;csv" |
    awk -F, '$1 == "app" && $2 == "BACKEND" { print $16 + $17 }'
}

# proxy_connections FILES: the largest PROXY_MAXCONN with which HAProxy starts if FILES is the limit of open files.
proxy_connections() {
  local most=20000
  if [[ $1 != unlimited ]] && (($1 < 2 * most + 1000)); then
    most=$((($1 - 1000) / 2))
    say "HAProxy takes at most $most connections here: the system allows $1 open files (ulimit -Hn)" >&2
  fi
  echo "$most"
}
