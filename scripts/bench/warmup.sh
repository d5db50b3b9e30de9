# Sourced by scripts/bench.sh.
# shellcheck shell=bash

# warm_once FILE: on a JVM and a Redis that know nothing; one line more in FILE: links/s MiB-before MiB-after bytes/link
warm_once() {
  local before after
  start_ours warmup
  before=$(heap_used)
  warm_cache
  ((warmed == links)) || wrong "warmup: $warmed links were warmed, not $links"
  after=$(heap_used)
  echo "$(calculate "$warmed * 1000 / $milliseconds" 0) $before $after" \
    "$(calculate "($after - $before) * 1048576 / $warmed" 0)" >>"$1"
  note "$(basename "$1"): $(thousands "$warmed") links in $milliseconds ms, heap from $before to $after MiB"
  [[ -z $profile ]] || "${JAVA%java}jcmd" "$jvm" GC.class_histogram | head -n 15 >"$work/histogram"
  stop_service "$service"
}

# warmup_row WORDS FILE
warmup_row() {
  local rate grown
  rate=$(median 1 "$2" 1 0)
  grown=$(calculate "$(median 3 "$2" 1 1) - $(median 2 "$2" 1 1)" 0)
  printf '| %s | %d | %s /s | %s MiB | %s MiB | %s | ≥ 100,000 /s: %s; ≤ 400 MB a million: %s |\n' "$1" "$(count "$2")" \
    "$(thousands "$rate")" "$(median 2 "$2" 1 0)" "$(median 3 "$2" 1 0)" "$(median 4 "$2" 1 0)" \
    "$(verdict "$rate >= 100000")" "$(verdict "$grown * 1.048576 * 1000000 / $links <= 400")"
}

row_warmup() {
  local round keys heap=${SHORTWAVE_HEAP:-}
  need_redis
  start_redis
  # The links, and the JVM's room for all of them.
  export SHORTWAVE_EMBEDDED_SEED_DIRECTORY=none SHORTWAVE_CACHE_WARM_AT_START=false SHORTWAVE_CACHE_MAX_SIZE=640MiB
  export SHORTWAVE_HEAP=1g
  jvm_flags
  start_ours warmup
  make_links w "$links"
  stop_service "$service"
  for ((round = 0; round < rounds; round++)); do
    [[ $(ask_redis FLUSHALL) == +OK ]] || fail 'Redis could not be emptied'
    SHORTWAVE_REDIS_URL=redis://127.0.0.1:$redis_port/0 warm_once "$work/warmup-redis"
    keys=$(ask_redis DBSIZE)
    ((${keys#:} >= links)) || wrong "warmup: Redis has ${keys#:} keys, not $links"
    warm_once "$work/warmup-process"
  done
  cat <<TEXT

| warm-up, $(thousands "$links") links, \`-Xmx1g\` | rounds | links | heap before | heap with them | bytes of heap a link | target |
|---|--:|--:|--:|--:|--:|---|
TEXT
  warmup_row 'into Redis and the process' "$work/warmup-redis"
  warmup_row 'into the process alone, no Redis' "$work/warmup-process"
  if [[ -n $profile ]]; then printf '\n```\n'; cat "$work/histogram"; printf '```\n'; fi
  stop_redis
  unset SHORTWAVE_EMBEDDED_SEED_DIRECTORY SHORTWAVE_CACHE_WARM_AT_START SHORTWAVE_CACHE_MAX_SIZE SHORTWAVE_HEAP
  [[ -z $heap ]] || export SHORTWAVE_HEAP=$heap
  jvm_flags
}
