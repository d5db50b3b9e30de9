#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/run.sh [options] [-- ARGUMENTS]

Builds Shortwave if its sources are newer than the last build, and runs it in
the foreground. Ctrl-C (or SIGTERM) stops it: it first answers the requests in
flight and books all clicks.

  --port N             public port                     (setting: 8080)
  --management-port N  port for metrics and operators  (setting: 8081)
  --config FILE        settings file                   (conf/shortwave.yaml)
  --no-build           run the present build, even if sources are newer
  --rebuild            build even if sources are not newer
  --check-config       print the settings or their errors, and exit
  --version            the version
  --help               this text
  -- ARGUMENTS         passed to the service

Every setting of conf/shortwave.yaml can also be given as an environment
variable (http.port: SHORTWAVE_HTTP_PORT). Variables of this script:

  JAVA_HOME                    the JDK, 17 or newer    (otherwise: the PATH's)
  SHORTWAVE_HEAP               maximum Java heap       (256m)
  JAVA_OPTS                    further switches of the JVM
  SHORTWAVE_START_ARCHIVE=off  write and use no class archive in target/

Exit code: the service's own; 0 after a clean stop.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
. "$here/lib/java.sh"
# shellcheck source=scripts/lib/processes.sh
. "$here/lib/processes.sh"
# shellcheck source=scripts/lib/settings.sh
. "$here/lib/settings.sh"

need_value() { (($2 > 1)) || die "$1 needs a value (try --help)"; }
need_port() {
  need_value "$1" "$2"
  { [[ $3 =~ ^[0-9]{1,5}$ ]] && ((10#$3 <= 65535)); } || die "$1 takes a port number from 0 to 65535, not '$3'"
}

build=auto
serve=yes
port=
management_port=
settings=$ROOT/conf/shortwave.yaml
properties=()
arguments=()
while (($#)); do
  case $1 in
    --port) need_port "$1" $# "${2:-}"; port=$2 properties+=("-Dshortwave.http.port=$2"); shift ;;
    --management-port) need_port "$1" $# "${2:-}"; management_port=$2 properties+=("-Dshortwave.management.port=$2"); shift ;;
    --config)
      need_value "$1" $#
      [[ -r $2 ]] || die "cannot read the settings file $2"
      settings=$(absolute "$2")
      arguments+=(--config "$settings")
      shift
      ;;
    --no-build) build=no ;;
    --rebuild) build=yes ;;
    --check-config | --version) serve=no; arguments+=("$1") ;;
    -h | --help) usage; exit 0 ;;
    --) shift; arguments+=("$@"); break ;;
    *) die "unknown argument '$1' (try --help; what is for the service goes after --)" ;;
  esac
  shift
done

# need_free PORT SETTING HOST REMEDY: fails if the port is in use, before a build and a new database, which take minutes. The
# service rejects invalid port numbers.
need_free() {
  local host=$3
  [[ $host != 0.0.0.0 && $host != :: && $host != '*' ]] || host=127.0.0.1
  [[ ! $1 =~ ^[0-9]{1,5}$ ]] || ((10#$1 == 0)) || require_free_port "$((10#$1))" "$2" "$4" "$host"
}

if [[ $serve == yes ]]; then
  need_free "${port:-$(setting http.port 8080 "$settings" PORT)}" http.port "$(setting http.host 127.0.0.1 "$settings")" \
    'choose another one with --port N'
  [[ $(setting management.enabled true "$settings") != true ]] ||
    need_free "${management_port:-$(setting management.port 8081 "$settings" MANAGEMENT_PORT)}" management.port \
      "$(setting management.host 127.0.0.1 "$settings" MANAGEMENT_HOST)" 'choose another one with --management-port N'
  # The service stops a server that a killed run left behind.
  embedded=$(setting embedded.directory var/postgres "$settings")
  [[ $embedded == /* ]] || embedded=$ROOT/$embedded
  [[ -n $(setting database.url '' "$settings" DATABASE_URL)$(setting database.host '' "$settings" DATABASE_HOST) || -f $embedded/postmaster.pid ]] ||
    need_free "$(setting embedded.port 0 "$settings")" embedded.port 127.0.0.1 'choose another one with SHORTWAVE_EMBEDDED_PORT=N'
fi

find_java
case $build in
  yes) build 'asked for with --rebuild' ;;
  auto) build_if_needed ;;
  no) [[ -f $JAR ]] || die "there is no $JAR: leave out --no-build" ;;
esac

path=$(class_path)
jvm_flags

if [[ $serve == no ]]; then
  exec "$JAVA" "${JVM_FLAGS[@]}" ${properties[@]+"${properties[@]}"} -cp "$path" dev.shortwave.Shortwave "${arguments[@]}"
fi

start_archive "$path"

# A terminal's Ctrl-C goes to the whole foreground process group, and would stop the embedded PostgreSQL before the
# service has booked its last clicks. Under `set -m` a background job is a process group of its own: only this
# script gets the signal, and forwards it to the service alone.
asked=0
signalled=0
# shellcheck disable=SC2317  # called by the trap
on_signal() {
  local slower=
  signalled=1
  asked=$((asked + 1))
  case $asked in
    1)
      kill -TERM "$service" 2>/dev/null || true
      [[ -z $ARCHIVE_NEW ]] || slower='; the first stop takes longer, it writes the start archive'
      say "stopping$slower" || true # the terminal may be gone
      ;;
    2) say 'still stopping; once more ends it by force, and clicks that are not booked yet are lost' || true ;;
    *)
      # SIGINT is a fast shutdown of the embedded PostgreSQL.
      kill -INT -- "-$service" 2>/dev/null || true
      kill -KILL "$service" 2>/dev/null || true
      ;;
  esac
}

say "starting on Java $JAVA_MAJOR ($JAVA), at most ${SHORTWAVE_HEAP:-256m} of heap; Ctrl-C stops it"
service=
trap 'signalled=1 asked=1' INT TERM HUP # until there is something to forward it to
set -m
"$JAVA" "${JVM_FLAGS[@]}" ${ARCHIVE_FLAGS[@]+"${ARCHIVE_FLAGS[@]}"} ${properties[@]+"${properties[@]}"} \
  -cp "$path" dev.shortwave.Shortwave ${arguments[@]+"${arguments[@]}"} </dev/null &
service=$!
set +m
trap on_signal INT TERM HUP
((asked == 0)) || kill -TERM "$service" 2>/dev/null || true

# A signal ends `wait` early: then it waits again for the service's exit code. (Bash would print the whole command line of a
# killed job.)
code=0
{ wait "$service" || code=$?; } 2>/dev/null
while ((signalled)); do
  signalled=0
  again=0
  { wait "$service" || again=$?; } 2>/dev/null
  ((again == 127)) || code=$again
done
trap 'drop_start_archive; exit "$code"' INT TERM HUP
keep_start_archive "$code" "$path"
exit "$code"
