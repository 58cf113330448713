local owned = {}
for _, id in ipairs(redis.call('ZREVRANGE', key('bin', given.owner_hash), 0, -1)) do
  if #owned == given.limit then break end
  if can_restore(id, given.undo_s) then
    local at = redis.call('HGET', key('about', id), 'written')
    owned[#owned + 1] = entry(id, tonumber(at))
  end
end
return answer({owned = owned})
