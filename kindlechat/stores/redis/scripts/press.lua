-- Hold a form's place for the question with this id, unless an earlier one is there. While it is not stored its
-- id has the `mark`, and if it never is, the place is free after `pending_s`. `instead` is an earlier one that counts
-- no more.
local name, held = key('pressed', given.value), given.mark .. given.id
local found = redis.call('GET', name)
if found == given.id then return answer({}) end  -- sent again after its answer was lost
if found and found ~= held and found ~= given.instead then return answer({earlier = found}) end
redis.call('SET', name, held, 'EX', given.pending_s)
return answer({})
