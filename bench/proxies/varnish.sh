#!/bin/sh
# varnishd and what writes its access log, as one tree of processes that ends together.
# Arguments: a directory, the access log, varnishncsa (empty: no log), then varnishd with all that it is told.
dir=$1 log=$2 ncsa=$3
shift 3
trap 'kill $started; wait; exit 0' TERM INT
"$@" &
daemon=$!
started=$daemon
if [ -n "$ncsa" ]; then
  # -t off: for as long as it takes varnishd to start.
  "$ncsa" -n "$dir" -t off -a -w "$log" &
  started="$started $!"
fi
wait $daemon
status=$?
kill $started
exit $status
