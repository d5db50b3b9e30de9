# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# fresh_codes PREFIX FROM NUMBER: codes of make_links that were not requested yet.
fresh_codes() { awk -v p="$1" -v from="$2" -v n="$3" 'BEGIN { for (i = from; i < from + n; i++) printf "%s%07d\n", p, i }'; }

# miss KIND PREFIX FROM SECONDS: a thousand codes a second, each once; one line more in $work/KIND.
miss() {
  fresh_codes "$2" "$3" $((1000 * (warm_up + $4))) >"$work/fresh"
  before_clicks
  arrive "$public" "$work/fresh" 1000 "$4"
  after_clicks
  check_clicks "$1" "$(awk '{ print $1 }' "$work/answer")" 0
  cat "$work/answer" >>"$work/$1"
  note "$1: p50 $(awk '{ print $4 }' "$work/answer") ms, p99 $(awk '{ print $5 }' "$work/answer") ms"
}

# miss_row WORDS FILE MISSES: how many of the answers must say that they are no hit, 0 or 1 for all.
miss_row() {
  local asked misses
  read -r asked misses < <(awk '{ a += $2; m += $3 } END { printf "%d %d\n", a, m }' "$2")
  ((misses == asked * $3)) || wrong "misses, $1: $misses of $asked answers say X-Cache: MISS"
  printf '| %s | %d | %s ms | %s ms | %s ms | %s ms | %d of %d |\n' "$1" "$(count "$2")" \
    "$(median 4 "$2" 1 2)" "$(median 5 "$2" 1 2)" "$(median 6 "$2" 1 2)" "$(worst 7 "$2" 1 1)" "$misses" "$asked"
}

row_misses() {
  local round links=$((1000 * (warm_up + steady) * rounds))
  need_redis
  start_redis
  export SHORTWAVE_REDIS_URL=redis://127.0.0.1:$redis_port/0 SHORTWAVE_CACHE_WARM_AT_START=false
  export SHORTWAVE_EMBEDDED_SEED_DIRECTORY=none SHORTWAVE_CACHE_MAX_SIZE=128MiB
  start_ours misses
  make_links r "$links"
  warm_cache
  ((warmed == links)) || fail "$warmed links were warmed, not $links"
  stop_service "$service"
  # Now they are in Redis, and no longer in the process; and the next ones are in PostgreSQL alone.
  start_ours misses
  make_links p "$links"
  for ((round = 0; round < rounds; round++)); do
    miss misses-redis r $((round * links / rounds + 1)) "$steady"
    miss misses-postgresql p $((round * links / rounds + 1)) "$steady"
  done
  cat <<TEXT

| links that this JVM does not know, 1,000/s, each once, open loop, $steady s | rounds | p50 | p99 | p99.9 | worst | \`X-Cache: MISS\` |
|---|--:|--:|--:|--:|--:|--:|
TEXT
  miss_row 'found in Redis' "$work/misses-redis" 0
  miss_row 'not in Redis, found in PostgreSQL' "$work/misses-postgresql" 1
  stop_service "$service"
  stop_redis
  unset SHORTWAVE_REDIS_URL SHORTWAVE_CACHE_WARM_AT_START SHORTWAVE_EMBEDDED_SEED_DIRECTORY SHORTWAVE_CACHE_MAX_SIZE
}
