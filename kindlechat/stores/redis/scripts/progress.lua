local found = {}
for id, after in pairs(given.cursors) do
  local reply = read(id, after)
  if reply then
    found[id] = {
      text = reply.text, chars = reply.chars, seq = reply.seq,
      state = reply.state, reason = reply.reason,
    }
  end
end
return answer(found)
