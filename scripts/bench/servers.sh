# Sourced by scripts/bench.sh: what its rows measure and what they measure it with.
# shellcheck shell=bash

need_wrk() {
  WRK=$(find_tool wrk 'for this row: apt-get install wrk, or brew install wrk')
}

need_redis() {
  REDIS=$(find_tool redis-server "$REMEDY_REDIS")
}

# start_ours NAME [run.sh's arguments]: the service on $work/NAME, its data kept for the next start. Leaves $service,
# $jvm, $public and $management.
start_ours() {
  local name=$1
  shift
  free_port
  public=$port
  free_port
  management=$port
  data=$work/$name/postgres
  SHORTWAVE_EMBEDDED_DIRECTORY=$data SHORTWAVE_CLICKS_DIRECTORY=$work/$name/clicks \
    start_service "$work/ours $name $public.log" 300 \
    "$here/run.sh" --no-build --port "$public" --management-port "$management" "$@"
  jvm=$(jvm_below "$service")
  [[ -n $jvm ]] || fail 'found no Java process below run.sh'
}

# start_fleet N: an empty Redis and N services on it and on the database of the first one. Leaves $ports, $managements,
# $services and $jvms, an array of each.
start_fleet() {
  local number
  need_redis
  start_redis
  ports=() managements=() services=() jvms=()
  export SHORTWAVE_REDIS_URL=redis://127.0.0.1:$redis_port/0
  for ((number = 1; number <= $1; number++)); do
    start_ours seeds
    ((number > 1)) || SHORTWAVE_DATABASE_URL=$(exec_tool tools.database.Sql "$data" --url)
    export SHORTWAVE_DATABASE_URL
    ports+=("$public")
    managements+=("$management")
    services+=("$service")
    jvms+=("$jvm")
  done
}

# stop_fleet: the one with the database last.
stop_fleet() {
  local number
  for ((number = ${#services[@]} - 1; number >= 0; number--)); do
    stop_service "${services[number]}"
  done
  stop_redis
  managements=()
  unset SHORTWAVE_REDIS_URL SHORTWAVE_DATABASE_URL
}

# start_floor [metrics]: the bare server, with as many event loops, the transport and the switches of the service that
# runs. Leaves $floor, its process, and $floor_port.
start_floor() {
  local loops transport ours=$service our_log=$log
  read -r loops transport < <(sed -n 's/.* \([0-9][0-9]*\) event loops over \([a-z_]*\).*/\1 \2/p' "$log" | head -n 1)
  [[ -n ${transport:-} ]] || fail 'the log does not say how many event loops there are, and over which transport'
  free_port
  floor_port=$port
  start_service "$work/floor${1:+ with $1}.log" 60 \
    "$JAVA" "${JVM_FLAGS[@]}" -cp "$bench_path" dev.shortwave.bench.BareServer "$floor_port" "$loops" "$transport" "$@"
  floor=$service service=$ours log=$our_log
  note "a bare server beside it: $loops event loops over $transport${1:+, with $1}"
}

# stop_floor PID
stop_floor() {
  # Vert.x's own end of a signalled JVM is exit code 143.
  kill -TERM "$1"
  ended "$1" 20 || fail 'the bare server does not end'
  forget "$1"
}

# start_redis: an empty one without persistence. Leaves $redis, its process, and $redis_port.
start_redis() {
  local tries
  free_port
  redis_port=$port
  log=$work/redis.log
  "$REDIS" --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >"$log" 2>&1 &
  redis=$!
  children+=("$redis")
  for ((tries = 0; tries < 50; tries++)); do
    [[ $(ask_redis PING 2>/dev/null) != +PONG ]] || return 0
    running "$redis" || break
    sleep 0.2
  done
  fail 'redis-server does not answer'
}

# ask_redis COMMAND: prints the first line of the answer.
ask_redis() {
  local answer
  exec 8<>"/dev/tcp/127.0.0.1/$redis_port" || return 1
  printf '%s\r\n' "$*" >&8
  IFS= read -r -t 60 answer <&8 || return 1
  exec 8>&-
  printf '%s\n' "${answer%$'\r'}"
}

# stop_redis: nothing in it is worth an orderly end.
stop_redis() {
  kill -TERM "$redis"
  ended "$redis" 20 || fail 'redis-server does not end'
  forget "$redis"
}

# hot_codes: $work/codes, 20,000 requests in a fixed order: the active codes of the seeds, the first of them most often
# (the n-th as often as 1/n, as in Zipf's law).
hot_codes() {
  [[ ! -s $work/codes ]] || return 0
  awk -F, 'NR > 1 && $6 == "True" { code[n++] = $3 }
    END {
      if (n == 0) exit 1
      srand(1)
      for (i = 0; i < n; i++) { sum += 1 / (i + 1); upTo[i] = sum }
      for (k = 0; k < 20000; k++) {
        r = rand() * sum
        low = 0; high = n - 1
        while (low < high) { middle = int((low + high) / 2); if (upTo[middle] < r) low = middle + 1; else high = middle }
        print code[low]
      }
    }' "$ROOT/seeds/urls.csv" >"$work/codes" || fail 'the seeds have no active links'
}

# drive PORT SECONDS: wrk over keep-alive connections; leaves $answered, $rate, $p50 and $p99.
drive() {
  local code=0 seconds broken refused
  limited $(($2 + 30)) "$WRK" -t 2 -c "$connections" -d "${2}s" --timeout 10s -s "$here/bench/redirects.lua" \
    "http://127.0.0.1:$1" -- "$work/codes" || code=$?
  read -r answered seconds broken refused p50 p99 < <(sed -n 's/^figures //p' "$work/answer") || true
  ((code == 0)) && [[ -n ${p99:-} ]] || fail "wrk: exit code $code: $(tail -n 5 "$work/answer")"
  ((broken == 0 && refused == 0)) || wrong "wrk counts $broken broken connections and $refused answers that are no redirect"
  rate=$(calculate "$answered / $seconds" 0)
}

# counts: of the service, or of all of a fleet, from one look at its metrics: clicks appended, booked, refused, and redirects
# that were found.
counts() {
  local one
  for one in "${managements[@]-$management}"; do
    curl -fsS --noproxy '*' -m 20 "http://127.0.0.1:$one/metrics"
  done | awk '
    /^shortwave_clicks_appended_total/ { appended += $2 }
    /^shortwave_clicks_booked_total/ { booked += $2 }
    /^shortwave_clicks_dropped_total\{reason="journal_full"/ { refused += $2 }
    /^shortwave_redirects_total.*outcome="found"/ { found += $2 }
    END { printf "%d %d %d %d\n", appended, booked, refused, found }'
}

# heap_used: MiB in use after a full collection.
heap_used() {
  "${JAVA%java}jcmd" "$jvm" GC.run >/dev/null
  sleep 1
  "${JAVA%java}jcmd" "$jvm" GC.run >/dev/null
  curl -fsS --noproxy '*' -m 20 "http://127.0.0.1:$management/metrics" |
    awk '/^jvm_memory_used_bytes.*area="heap"/ { bytes += $NF } END { printf "%.1f\n", bytes / 1048576 }'
}

# before_clicks: remembers the counts. Needs all clicks to be booked.
before_clicks() {
  read -r appended_before booked_before refused_before found_before < <(counts)
}

# after_clicks: waits until all clicks are booked, and asks for events until then, as a reader would: then the recorder does
# not rest. Leaves the differences $served, $appended, $booked and $refused,
# $waiting, the clicks that were not booked when it was called, and $drain, the seconds until they were.
after_clicks() {
  local began limit=$((SECONDS + 300)) now_appended now_booked now_refused now_found
  read -r now_appended now_booked now_refused now_found < <(counts)
  began=$(now)
  waiting=$((now_appended - now_booked - appended_before + booked_before))
  while ((now_appended - appended_before != now_booked - booked_before)); do
    ((SECONDS < limit)) || fail "not all clicks are booked after 300 s: $now_appended appended, $now_booked booked"
    curl -sS --noproxy '*' -m 20 -o /dev/null "http://127.0.0.1:$public/events?limit=1"
    sleep 0.1
    read -r now_appended now_booked now_refused now_found < <(counts)
  done
  drain=$(calculate "$(now) - $began" 1)
  served=$((now_found - found_before)) appended=$((now_appended - appended_before))
  booked=$((now_booked - booked_before)) refused=$((now_refused - refused_before))
}

# now: seconds, with a fraction where the system's date gives one.
now() { date +%s.%N | sed 's/\.N$//'; }

# check_clicks WHAT ANSWERED IN_FLIGHT: ANSWERED is what the client counts. At its end wrk leaves up to one request on
# each connection that the service serves, and wrk does not wait for: IN_FLIGHT.
check_clicks() {
  ((served == appended && appended == booked && refused == 0)) ||
    wrong "$1: $served redirects served, $appended clicks appended, $booked booked, $refused refused"
  (($2 <= served && served - $2 <= $3)) ||
    wrong "$1: the client counts $2 answers, the service $served, and at most $3 were under way at the end"
}

# sql STATEMENT: on the embedded PostgreSQL of the service that was started last.
sql() { (exec_tool tools.database.Sql "$data" <<<"$1"); }

clicks_in_database() { sql "SELECT count(*) FROM events WHERE event_type = 'click'"; }

# make_links PREFIX NUMBER: links with the codes PREFIX0000001 and so on, behind the service's back.
make_links() {
  note "making $(thousands "$2") links"
  sql "INSERT INTO urls (short_code, original_url) SELECT '$1' || lpad(i::text, 7, '0'), 'https://fernhill.example/made/' || i FROM generate_series(1, $2) i" ||
    fail 'the links could not be made'
  sql 'ANALYZE urls'
}

# warm_cache: leaves $warmed, the number of links, and $milliseconds.
warm_cache() {
  local answer
  answer=$(curl -fsS --noproxy '*' -m 900 -X POST "http://127.0.0.1:$management/admin/cache/warm") ||
    fail 'POST /admin/cache/warm failed'
  warmed=$(sed -n 's/.*"links" *: *\([0-9]*\).*/\1/p' <<<"$answer")
  milliseconds=$(sed -n 's/.*"milliseconds" *: *\([0-9]*\).*/\1/p' <<<"$answer")
  [[ -n $warmed && -n $milliseconds ]] || fail "POST /admin/cache/warm answered $answer"
}

# start_pair: the service on the seeds, warm, and the bare server beside it, both compiled.
start_pair() {
  need_wrk
  hot_codes
  start_ours seeds
  start_floor
  note 'running both warm'
  drive "$floor_port" "$warm_up"
  before_clicks
  drive "$public" "$warm_up"
  after_clicks
}

stop_pair() {
  stop_service "$service"
  stop_floor "$floor"
}
