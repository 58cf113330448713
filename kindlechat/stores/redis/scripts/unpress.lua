-- Give a form's place free again, where the question with this id has it.
local name = key('pressed', given.value)
local found = redis.call('GET', name)
if found == given.id or found == given.mark .. given.id then redis.call('DEL', name) end
return answer({})
