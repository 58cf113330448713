-- A conversation for its owner's list: one that exists or, with `undo_s`, that can be restored. A list may still
-- name one that is another's by now, or that is gone: nothing is told of it.
if not is_there(given.id, given.undo_s) or owner_of(given.id) ~= given.owner_hash then return answer({}) end
local turns = turns_of(given.id)
local question = ''
for _, id in ipairs(turns[1] or {}) do
  local reply = redis.call('HMGET', key('reply', id), 'question', 'replaced')
  if not reply[2] then question = reply[1] end
end
local found = about(given.id)
return answer({
  id = given.id, question = question, turns = #turns,
  written = last_written(given.id),
  title = found.title, starred = found.starred, share = found.share or nil,
})
