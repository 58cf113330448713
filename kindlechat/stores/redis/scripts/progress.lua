local found = {}
for id, after in pairs(given.cursors) do
  local reply = read(id, after)
  if reply then
    found[id] = {
      text = reply.text, chars = reply.chars, seq = reply.seq,
      state = reply.state, reason = reply.reason, follow_ups = reply.follow_ups,
    }
  end
end
return answer(found)
