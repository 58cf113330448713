-- The entries of these conversations of a reader; one that is not in the list is left out.
local owned = {}
for _, id in ipairs(given.ids) do
  local at = redis.call('ZSCORE', key('owned', given.owner_hash), id)
  if at and exists(id) then owned[#owned + 1] = entry(id, written(tonumber(at))) end
end
return answer({owned = owned})
