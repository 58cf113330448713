-- Hold a form's place for the question with this id, unless an earlier one is there. While it is not stored its
-- id has the `mark`, and if it never is, the place is free after `pending_s`. `instead` is an earlier one that counts
-- no more. Returns the `token` that quotas count the question by: where nobody knows what became of the form's last
-- press, which may have been counted, it is that one's.
local name, held = key('pressed', given.value), given.mark .. given.id
local counted_by = key('counted-by', '{' .. name .. '}')
local found = redis.call('GET', name)
if found and found ~= given.id and found ~= held and found ~= given.instead then return answer({earlier = found}) end
local token = redis.call('GET', counted_by) or given.id
if found ~= given.id then  -- otherwise it is sent again after its answer was lost
  redis.call('SET', name, held, 'EX', given.pending_s)
  redis.call('SET', counted_by, token, 'EX', given.counted_s)
end
return answer({token = token})
