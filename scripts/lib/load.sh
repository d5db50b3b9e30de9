# Sourced after common.sh and java.sh, not run: what programs share that load a service.
# shellcheck shell=bash

# fetch_codes URL: all codes that redirect, as the service itself lists them.
fetch_codes() {
  local after=0 page last
  while :; do
    page=$(curl -sf -m 20 "$1/urls?is_active=true&after=$after&limit=500") || die "$1/urls does not answer as Shortwave would"
    [[ $page != '[]' ]] || break
    last=$(grep -o '"id":[0-9]*' <<<"$page" | tail -n 1 | cut -d : -f 2) || true
    # A server without pages would answer with the same one for ever.
    { [[ $page == '[{'* && $last =~ ^[0-9]+$ ]] && ((last > after)); } ||
      die "$1/urls does not list links as Shortwave would: $(head -c 100 <<<"$page" | tr -d '\n')"
    grep -o '"short_code":"[^"]*"' <<<"$page" | cut -d '"' -f 4
    after=$last
  done
}

# booked_clicks DATABASE_URL AT_LEAST SECONDS: prints the events and the counters of a database; waits for that many.
# As exec_tool, in the background or in a subshell.
booked_clicks() { exec_tool tools.database.BookedClicks "$1" "$3" --at-least "$2"; }
