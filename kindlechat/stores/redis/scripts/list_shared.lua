local list, shared = key('shared', given.owner_hash), {}
for _, id in ipairs(redis.call('SMEMBERS', list)) do
  local at = redis.call('ZSCORE', key('owned', given.owner_hash), id)
  if at and exists(id) then
    shared[#shared + 1] = {id, written(tonumber(at))}
  else
    redis.call('SREM', list, id)
  end
end
table.sort(shared, function(a, b) return a[2] > b[2] end)
local owned = {}
for i = 1, math.min(given.limit, #shared) do owned[i] = entry(shared[i][1], shared[i][2]) end
return answer({owned = owned})
