# shellcheck shell=sh disable=SC2034,SC2154
#
# Read by the start scripts, which set $here to their own directory first.
#
#   build MODULE   makes MODULE/target/dist where it is missing or older than a source;
#                  sets $dist to it and $java to the JVM: JAVA_HOME's, or the path's
#
# Nothing is printed but one line on stderr when it builds, and the build's output when that fails
# (then the exit code is 3: cannot open).

# A descriptor that was closed (<&-, >&-, 2>&-) would be given to the first file that the JVM opens,
# which the command then takes for its input or writes to. So it gets one that cannot be used.
if [ -d /dev/fd ]; then
  [ -e /dev/fd/0 ] || exec 0>/dev/null
  [ -e /dev/fd/1 ] || exec 1</dev/null
  [ -e /dev/fd/2 ] || exec 2</dev/null
fi

root=$(dirname "$(dirname "$here")")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

build() {
  dist=$root/$1/target/dist
  is_fresh "$1" && return
  take_turn
  # Another start may have built it while this one waited.
  is_fresh "$1" || compile "$1" || exit 3
  end_turn
}

# The jar is there, and no source of it is newer.
is_fresh() {
  jar=$(echo "$dist"/holdfast*.jar)
  [ -f "$jar" ] || return 1
  newer=$(find "$root/pom.xml" "$root/storage/pom.xml" "$root/storage/src/main" \
    "$root/engine/pom.xml" "$root/engine/src/main" "$root/$1/pom.xml" "$root/$1/src/main" \
    -newer "$jar" 2>&1 | head -n 1)
  [ -z "$newer" ]
}

compile() {
  echo "holdfast: building $1, for it is missing or its sources are newer" >&2
  # Removed, not overwritten: a JVM that still runs from it keeps its own files.
  rm -rf "$dist"
  # The command's input is not Maven's to read.
  if mvn -B -q -Dmaven.test.skip=true -f "$root/pom.xml" -pl "$1" -am package \
    </dev/null >"$root/target/build.log" 2>&1; then
    touch "$dist"/holdfast*.jar
  else
    cat "$root/target/build.log" >&2
    echo "holdfast: the build failed; it needs Maven 3.8 and a JDK 17 or later" >&2
    return 1
  fi
}

# One build at a time; a turn whose owner has died is over.
take_turn() {
  turn=$root/target/turn
  mkdir -p "$root/target"
  until mkdir "$turn" 2>/dev/null; do
    owner=$(cat "$turn/pid" 2>/dev/null) || owner=
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$turn"
    else
      sleep 1
    fi
  done
  trap end_turn EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  echo "$$" >"$turn/pid"
}

end_turn() {
  rm -rf "$turn"
  trap - EXIT INT TERM
}
