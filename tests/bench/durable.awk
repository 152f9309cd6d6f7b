# durable.awk: reads "strace -f -y" of the server under load and checks that no answer precedes its own fdatasync.
# A request is a read of "POST" from a socket; its answer is the next write of "HTTP/1.1 20" to that socket. Between
# the two an fdatasync must have begun and returned. Prints JSON: answers, those that came too early, fdatasyncs.
# Lines of strace are in the order in which calls began or (for resumed ones) ended.

function socket_of(text) { return match(text, /\([0-9]+</) ? substr(text, RSTART + 1, RLENGTH - 2) : "" }

{
	thread = $1
	line = $0
	sub(/^[0-9]+ +/, "", line)
}
line ~ /^(fdatasync|fsync)\(/ {
	began[thread] = NR
	if (line !~ /unfinished/) ended()
	next
}
line ~ /^<\.\.\. (fdatasync|fsync) resumed/ { ended(); next }
line ~ /^(recvfrom|read|recvmsg)\(/ {
	pending[thread] = socket_of(line)
	if (line ~ /"POST /) requested[pending[thread]] = NR
	next
}
line ~ /^<\.\.\. (recvfrom|read|recvmsg) resumed/ {
	if (line ~ /"POST /) requested[pending[thread]] = NR
	next
}
line ~ /^(sendto|write|writev|sendmsg)\(/ && line ~ /"HTTP\/1\.1 20/ {
	socket = socket_of(line)
	if (!(socket in requested)) next
	answers++
	if (last_sync_began < requested[socket]) early++
	delete requested[socket]
}

function ended() {
	syncs++
	if (began[thread] > last_sync_began) last_sync_began = began[thread]
}

END { printf "{\"answers\":%d,\"early\":%d,\"fdatasyncs\":%d}\n", answers, early, syncs }
