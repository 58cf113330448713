-- A reply without its text. One under way is read as a whole, as it may be an orphan.
local function glance(id)
  local found = redis.call('HMGET', key('reply', id),
    'owner', 'question', 'chars', 'state', 'reason', 'replaced', 'prompt', 'picture')
  if found[1] then return read(id, math.huge) end
  return {
    question = found[2], chars = tonumber(found[3]), state = found[4], reason = found[5],
    replaced = found[6], prompt = found[7] or nil, picture = found[8] or nil,
  }
end

if not exists(given.id) then return answer({}) end
local replies = {}
for _, turn in ipairs(turns_of(given.id)) do
  for _, id in ipairs(turn) do
    local reply = glance(id)
    if not reply.replaced then
      replies[#replies + 1] = {
        id = id, question = reply.question, prompt = reply.prompt, picture = reply.picture, chars = reply.chars,
        state = reply.state, reason = reply.reason, versions = turn,
      }
    end
  end
end
return answer({replies = replies, rights = rights_of(given.id), about = about(given.id)})
