#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/smoke.sh [--seeds DIR]... [--java-home DIR]... [--keep]

Does what a newcomer does, with the committed state of this repository: clones
it into a folder with a space and a letter beyond ASCII in its name, runs it in
the locale C from another directory, asks some routes, stops it, starts it again on the data it kept, and loads other
seeds into an empty database. Takes free ports and ends all it started.

  --seeds DIR      load these (again and again); default: a set made for it
  --java-home DIR  start once more on this Java
  --keep           leave the folder
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$here")
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/workdir.sh
. "$here/lib/workdir.sh"

seeds=()
java_homes=()
while (($#)); do
  case $1 in
    --seeds) seeds+=("$(cd "${2:?--seeds needs a folder}" && pwd)"); shift ;;
    --java-home) java_homes+=("${2:?--java-home needs a folder}"); shift ;;
    --keep) keep=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

scratch_folder "${TMPDIR:-/tmp}"
clone="$work/a b ü"

# elsewhere COMMAND...: from another folder.
elsewhere() { cd / && exec "$@"; }

# start NAME SECONDS [run.sh's arguments]: returns when the service says that it is ready.
start() {
  local name=$1 limit=$2 began=$SECONDS
  shift 2
  start_service "$work/$name.log" "$limit" \
    elsewhere "$clone/scripts/run.sh" --port "$port" --management-port "$management" "$@"
  ask 200 /health/ready
  note "$name: ready after $((SECONDS - began)) s"
}

stop() {
  local began=$SECONDS
  stop_service "$service"
  [[ -z $(find "$clone" -name postmaster.pid) ]] || fail 'the embedded PostgreSQL was not stopped'
  note "stopped after $((SECONDS - began)) s"
}

# ask STATUS PATH [curl's arguments]: leaves the body in $body.
ask() {
  local expected=$1 path=$2 status url
  shift 2
  url=$path
  [[ $path == http* ]] || url=$base$path
  status=$(curl -s -o "$work/body" -w '%{http_code}' --noproxy '*' -m 20 "$@" "$url") || true
  body=$(head -c 4000 "$work/body" | tr -d '\0')
  [[ $status == "$expected" ]] || fail "$path answered $status, not $expected: ${body:0:300}"
}

# redirects CODE DESTINATION
redirects() {
  local answer
  answer=$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' --noproxy '*' -m 20 "$base/$1") || true
  [[ $answer == "302 $2" ]] || fail "/$1 answered '$answer', not '302 $2'"
}

contains() { [[ $body == *"$1"* ]] || fail "no $1 in: ${body:0:300}"; }

# number FIELD: of the JSON in $body.
number() { sed -n "s/.*\"$1\" *: *\([0-9][0-9]*\).*/\1/p" <<<"$body" | head -n 1; }
text() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$body" | head -n 1; }

# first_active DIR: "code destination" of a link that redirects.
first_active() { awk -F, '$6 == "True" { print $3, $4; exit }' "$1/urls.csv"; }

# serves DIR: the set is there.
serves() {
  local code destination count
  read -r code destination < <(first_active "$1")
  redirects "$code" "$destination"
  for file in users urls events; do
    count=$(($(wc -l <"$1/$file.csv") - 1))
    ask 200 "/$file/$count"
  done
}

free_port
management=$port
free_port
base=http://127.0.0.1:$port

git clone -q "$repository" "$clone"
cd "$work"

# Where a JVM reads "ü" as "?" without a switch.
LC_ALL=C start 'first start, with the build' 900
ask 200 /health
contains '"status":"ok"'
serves "$clone/seeds"
for path in / /docs /openapi.yaml /health/live '/users?page=1&per_page=2' '/urls?is_active=true' /urls/1/stats /metrics; do
  ask 200 "$path" -L
done
ask 200 "http://127.0.0.1:$management/metrics"
ask 404 /no-such-code
ask 404 /urls/99999999
ask 400 '/urls?user_id=abc'
json=(-H 'Content-Type: application/json')
ask 201 /users "${json[@]}" -d '{"username":"smoke","email":"smoke@quaylight.example"}'
user=$(number id)
((user == $(wc -l <"$clone/seeds/users.csv"))) || fail "the new user has id $user, not the next one"
ask 201 /urls "${json[@]}" -d "{\"user_id\":$user,\"original_url\":\"https://fernhill.example/smoke\",\"title\":\"Smoke\"}"
kept=$(text short_code)
kept_id=$(number id)
[[ ${#kept} == 6 ]] || fail "a code of ${#kept} characters: $body"
redirects "$kept" https://fernhill.example/smoke
ask 200 "/events?url_id=$kept_id&event_type=click"
contains '"click"'
stop

start 'second start' 60
ask 200 "/urls/$kept_id"
redirects "$kept" https://fernhill.example/smoke
ask 200 "/events?url_id=$kept_id&event_type=click"
[[ $(grep -o '"event_type":"click"' <<<"$body" | wc -l) == 2 ]] || fail "not two clicks: $body"
! grep -q 'building' "$log" || fail 'the second start built again'
stop

for home in ${java_homes[@]+"${java_homes[@]}"}; do
  for round in first second; do
    JAVA_HOME=$home start "$round start on $(basename "$home")" 60 --no-build
    redirects "$kept" https://fernhill.example/smoke
    stop
    ! grep -i 'warning' "$log" || fail 'Java warns, see above'
  done
done

if ((${#seeds[@]} == 0)); then
  seeds=("$work/made seeds")
  (cd / && "$clone/scripts/generate-seeds.sh" --seed 7 "${seeds[0]}")
fi
round=0
for folder in "${seeds[@]}"; do
  round=$((round + 1))
  SHORTWAVE_EMBEDDED_DIRECTORY="var/other-$round" SHORTWAVE_EMBEDDED_SEED_DIRECTORY=none start "empty database $round" 60 --no-build
  ask 404 /users/1
  for time in once again; do
    note "loading $folder, $time"
    (cd / && "$clone/scripts/load-seeds.sh" "$folder" --service "http://127.0.0.1:$management") ||
      fail "load-seeds.sh $folder, $time"
    serves "$folder"
  done
  ask 201 /users "${json[@]}" -d '{"username":"after","email":"after@quaylight.example"}'
  (($(number id) == $(wc -l <"$folder/users.csv"))) || fail "ids collide with the seeds: $body"
  stop
done

if SHORTWAVE_HTTP_PORT=many "$clone/scripts/run.sh" --no-build --check-config >"$work/check.log" 2>&1; then
  fail 'a port that is no number passed --check-config'
fi
"$clone/scripts/run.sh" --no-build --check-config >/dev/null || fail '--check-config refuses the defaults'
note 'all well'
