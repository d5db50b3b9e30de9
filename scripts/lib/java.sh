# Sourced after common.sh, not run: which Java, which of its switches, which class path.
# shellcheck shell=bash

JAVA_LEAST=17

JAVA=            # the java command
JAVA_FROM_HOME=  # not empty when it is the one of JAVA_HOME
JAVA_MAJOR=0
JAVA_VERSION_TEXT=

# try_java COMMAND: fails if it does not run or is too old; sets JAVA and what goes with it otherwise.
try_java() {
  local command=$1 text major
  text=$("$command" -version 2>&1) || return 1
  major=$(sed -n 's/.* version "\([0-9][0-9]*\).*/\1/p' <<<"$text" | head -n 1)
  [[ -n $major ]] || return 1
  ((major >= JAVA_LEAST)) || { JAVA_REFUSED="$command is Java $major"; return 1; }
  JAVA=$command JAVA_MAJOR=$major
  JAVA_VERSION_TEXT=$text
}

# utf8_names: lets programs read and write names of files as UTF-8. In the locale C a JVM takes every other letter for "?", and
# finds neither its classes nor its data in such a folder. C.UTF-8 differs from C in that only.
utf8_names() {
  local charmap name
  charmap=$(locale charmap 2>/dev/null) || return 0
  [[ $charmap == ANSI_X3.4-1968 ]] || return 0
  for name in C.UTF-8 C.utf8 en_US.UTF-8 en_US.utf8; do
    locale -a 2>/dev/null | grep -qxF "$name" || continue
    export LC_ALL=$name
    return 0
  done
  ! LC_ALL=C grep -q '[^ -~]' <<<"$ROOT" ||
    die "Java cannot run from $ROOT in the locale C, and this system has no C.UTF-8: set LC_ALL to a UTF-8 locale (locale -a), or use a folder with an ASCII name"
}

# find_java: JAVA_HOME first, then the PATH.
find_java() {
  local on_path
  utf8_names
  JAVA_REFUSED=
  if [[ -n ${JAVA_HOME:-} ]] && try_java "$JAVA_HOME/bin/java"; then
    JAVA_FROM_HOME=yes
    return
  fi
  on_path=$(command -v java || true)
  if [[ -n $on_path ]] && try_java "$on_path"; then
    [[ -z ${JAVA_HOME:-} ]] || say "JAVA_HOME has no Java $JAVA_LEAST or newer; using $JAVA" >&2
    return
  fi
  die "needs a JDK $JAVA_LEAST or newer (${JAVA_REFUSED:-none found}): install one and put it on the PATH or in JAVA_HOME"
}

# A Java without compiler runs the service but cannot build it.
require_compiler() {
  if [[ -n $JAVA_FROM_HOME ]]; then
    [[ ! -x $JAVA_HOME/bin/javac ]] || return 0
  else
    ! command -v javac >/dev/null || return 0
  fi
  die "building needs a JDK $JAVA_LEAST or newer, and $JAVA has no javac beside it: install the JDK or set JAVA_HOME to one"
}

# class_path: prints the jars one by one in a fixed order (a start archive is bound to it), not as wildcards.
class_path() {
  local LC_ALL=C jar path=$JAR
  case $ROOT in *:*) die "Java cannot run from a folder with a colon in its path: $ROOT" ;; esac
  for jar in "$BUILD"/lib/*.jar "$BUILD"/lib/embedded/*.jar; do
    [[ ! -f $jar ]] || path+=:$jar
  done
  printf '%s\n' "$path"
}

# jvm_flags: sets the array JVM_FLAGS to what any of our programs gets. JAVA_OPTS comes last, so it wins.
jvm_flags() {
  local heap=${SHORTWAVE_HEAP:-256m} user_options=()
  JVM_FLAGS=("-Xmx$heap" -XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8)
  # From 24 on Java warns of what Netty does for speed, and Netty then does without; 17 refuses these switches.
  ((JAVA_MAJOR < 24)) ||
    JVM_FLAGS+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
  ((JAVA_MAJOR < 25)) || JVM_FLAGS+=(-XX:+UseCompactObjectHeaders)
  JVM_FLAGS+=("-Dshortwave.home=$ROOT")
  # All of the heap from the start, on small machines too: docker/image/java.options has the reason. Never more than -Xmx, which
  # -Xms would have to repeat.
  JVM_FLAGS+=(-XX:InitialRAMPercentage=100)
  # Netty's events for JFR make every start load JFR, a sixth of the start's work; with =true in JAVA_OPTS they are back.
  JVM_FLAGS+=(-Dio.netty.jfr.enabled=false)
  # JAVA_OPTS is a list of words, as everywhere.
  read -r -a user_options <<<"${JAVA_OPTS:-}"
  JVM_FLAGS+=(${user_options[@]+"${user_options[@]}"})
}

# A start archive holds the classes of a start ready to use: the JVM writes one when the first run after a build ends,
# and the runs after it start sooner. Never needed: without it, or with one that does not fit, Java starts
# the plain way.
#
# SHORTWAVE_START_ARCHIVE=off does without.
#
# start_archive CLASS_PATH: sets the array ARCHIVE_FLAGS, and ARCHIVE_NEW to the file this run will write, if it will.
# shellcheck disable=SC2034  # for the script that sources this
start_archive() {
  ARCHIVE_FLAGS=() ARCHIVE_NEW=
  # The service refuses names with its prefix that are no settings of its own.
  export -n SHORTWAVE_START_ARCHIVE
  [[ ${SHORTWAVE_START_ARCHIVE:-on} != off ]] || return 0
  local folder=$BUILD/start-archive key archive left pid jars
  mkdir -p "$folder" 2>/dev/null && [[ -w $folder ]] || return 0
  IFS=: read -r -a jars <<<"$1"
  # Valid for this Java, these switches and these very jars.
  key=$({
    printf '%s\n' "$JAVA_VERSION_TEXT" "${JVM_FLAGS[@]}"
    stat -c '%n %s %Y' "${jars[@]}" 2>/dev/null || stat -f '%N %z %m' "${jars[@]}"
  } | cksum | tr -dc '0-9')
  ARCHIVE_FINAL=$folder/$key.jsa
  if [[ -f $ARCHIVE_FINAL ]]; then
    if ((JAVA_MAJOR >= 25)); then
      ARCHIVE_FLAGS=("-XX:AOTCache=$ARCHIVE_FINAL" "-Xlog:aot*=off" "-Xlog:cds*=off")
    else
      ARCHIVE_FLAGS=("-XX:SharedArchiveFile=$ARCHIVE_FINAL" -Xshare:auto "-Xlog:cds*=off")
    fi
    return
  fi
  # What earlier builds left, and what a run that was killed did not finish; not what another run is writing.
  for archive in "$folder"/*.jsa; do
    [[ ! -f $archive ]] || [[ ! $archive -ot $JAR ]] || rm -f "$archive"
  done
  for left in "$folder"/*.new.*; do
    pid=${left##*.}
    [[ ! -e $left ]] || [[ ! $pid =~ ^[0-9]+$ ]] || kill -0 "$pid" 2>/dev/null || rm -f "$left"
  done
  ARCHIVE_NEW=$folder/$key.new.$$
  if ((JAVA_MAJOR >= 25)); then
    # In two steps, because a JVM that does both prints a page about it on the terminal.
    ARCHIVE_FLAGS=(-XX:AOTMode=record "-XX:AOTConfiguration=$ARCHIVE_NEW" "-Xlog:aot*=off" "-Xlog:cds*=off")
  else
    ARCHIVE_FLAGS=("-XX:ArchiveClassesAtExit=$ARCHIVE_NEW" "-Xlog:cds*=off")
  fi
}

# keep_start_archive EXIT_CODE CLASS_PATH: only a run that ended well has recorded a whole start.
keep_start_archive() {
  [[ -n $ARCHIVE_NEW ]] || return 0
  if (($1 == 0)) && [[ -s $ARCHIVE_NEW ]]; then
    if ((JAVA_MAJOR < 25)); then
      mv -f "$ARCHIVE_NEW" "$ARCHIVE_FINAL" 2>/dev/null || true
    elif "$JAVA" "${JVM_FLAGS[@]}" -XX:AOTMode=create "-XX:AOTConfiguration=$ARCHIVE_NEW" \
      "-XX:AOTCache=$ARCHIVE_FINAL.new.$$" "-Xlog:aot*=off" "-Xlog:cds*=off" -cp "$2" >/dev/null 2>&1; then
      mv -f "$ARCHIVE_FINAL.new.$$" "$ARCHIVE_FINAL" 2>/dev/null || true
    fi
  fi
  drop_start_archive
}

# drop_start_archive: removes what is unfinished.
drop_start_archive() {
  [[ -z $ARCHIVE_NEW ]] || rm -f "$ARCHIVE_NEW" "$ARCHIVE_FINAL.new.$$" 2>/dev/null || true
}

# exec_tool [JVM'S OPTIONS] CLASS ARGUMENTS...: a program of src/tools or src/bench; CLASS is its name after dev.shortwave.
# It replaces the shell that calls it, so that a signal to the one ends the other: only in the background, or in a subshell.
exec_tool() {
  local options=(-Xmx256m) class
  while [[ $1 == -* ]]; do
    options+=("$1")
    shift
  done
  class=$1
  shift
  exec "$JAVA" "${options[@]}" -cp "$TOOLS:$JAR:$BUILD/lib/*:$BUILD/lib/embedded/*:$BUILD/tools-lib/*" "dev.shortwave.$class" "$@"
}

# run_tool: as exec_tool, in the foreground.
run_tool() { (exec_tool "$@"); }
