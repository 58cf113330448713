local found = {}
for i, id in ipairs(given.ids) do found[i] = read(id, 0) or false end
return answer({replies = found})
