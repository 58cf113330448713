-- Hold a place among the replies that a client has under way, if one of `limit` is free. Until the reply is
-- stored its id has the time behind it; if it never is, the place is free after `pending_s`. Of the others `gone`
-- are under way no more, and `silent` do not count, nor does `besides`. Where none is free, `others` are those that
-- may have ended or be silent: what is not stored yet can be judged by nobody.
local asking = key('asking', given.client_hash)
local gone, counts, stored = {}, {}, {}
for _, id in ipairs(given.gone) do gone[id] = true end
for _, member in ipairs(redis.call('SMEMBERS', asking)) do
  local id, since = member:match('^(.*)@(.*)$')
  -- A place of this reply's own is of an earlier try, or of a call whose answer was lost.
  if gone[member] or since and (id == given.id or tonumber(since) <= now - given.pending_s) then
    redis.call('SREM', asking, member)
  else
    counts[id or member] = true
    if not id then stored[member] = true end
  end
end
for _, id in ipairs(given.silent) do counts[id] = nil end
counts[given.id] = nil
if given.besides then counts[given.besides] = nil end
local count, others = 0, {}
for id in pairs(counts) do
  count = count + 1
  if stored[id] then others[#others + 1] = id end
end
if given.limit and count >= given.limit then return answer({others = others}) end
local place = given.id .. '@' .. now
redis.call('SADD', asking, place)
redis.call('EXPIRE', asking, TTL_S)
return answer({place = place})
