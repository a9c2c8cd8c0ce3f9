-- Submits per second, in process: table to payload to simulated server to task.
local dynamo = backup.dynamodb:with{ clientName = "aws-prod", instanceName = "DynamoDB", backupLevel = "FULL" }
local count = 20000
local start = os.clock()
for i = 1, count do dynamo{ subclientId = 10000 + i } end
print(("%.0f"):format(count / (os.clock() - start)))
os.exit(0)
