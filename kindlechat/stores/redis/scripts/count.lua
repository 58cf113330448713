local refused = spent(given.quotas)
if refused then return answer({spent = refused}) end
if given.cost > 0 then count(given.quotas, given.cost) end
return answer({})
