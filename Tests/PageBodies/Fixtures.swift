public import CommandCenterAPI

/// The body of each page's example, its placeholders replaced by values that could be real.
public enum Fixture {
  public static let all: [(workload: Workload, body: String)] = [
    (.dynamodb, dynamodb), (.documentdb, documentdb), (.rds, rds), (.mssql, mssql), (.oracle, oracle),
  ]

  public static let dynamodb = """
    {"taskInfo": {
      "associations": [{
        "clientName": "aws-prod", "instanceName": "DynamoDB", "displayName": "AWS production",
        "backupsetId": 12, "_type_": 7, "commCellName": "commserve01", "instanceId": 9,
        "csGUID": "5F2A3C4E-1B7D-4C7E-9F60-2D1A5B3C4D5E",
        "subclientGUID": "0C4E5F2A-1B7D-4C7E-9F60-2D1A5B3C4D5E", "subclientId": 1042, "clientId": 77,
        "appName": "Cloud Apps", "backupsetName": "defaultBackupSet", "applicationId": 134,
        "subclientName": "orders",
        "entityInfo": {"companyId": 3, "companyName": "Example Ltd", "multiCommcellId": 2}
      }],
      "task": {"taskType": 1},
      "subTasks": [{
        "subTask": {"subTaskType": 2, "operationType": 2},
        "options": {
          "backupOpts": {"backupLevel": "INCREMENTAL"},
          "commonOpts": {"notifyUserOnJobCompletion": true},
          "adminOpts": {"clientInstallOption": {"installerOption": {
            "User": {"userId": 5, "userName": "backup-operator"}}}}
        }
      }]
    }}
    """

  public static let documentdb = """
    {"taskInfo": {
      "associations": [{
        "clientName": "aws-prod", "instanceName": "DocumentDB", "displayName": "AWS production",
        "backupsetId": 14, "_type_": 7, "commCellName": "commserve01", "instanceId": 10,
        "subclientId": 2001, "clientId": 77, "appName": "Cloud Apps", "backupsetName": "defaultBackupSet",
        "applicationId": 134, "subclientName": "catalogue",
        "entityInfo": {"companyId": 3, "companyName": "Example Ltd", "multiCommcellId": 2}
      }],
      "task": {"taskType": 1},
      "subTasks": [{
        "subTask": {"subTaskType": 2, "operationType": 2},
        "options": {
          "backupOpts": {"backupLevel": "FULL"},
          "commonOpts": {"notifyUserOnJobCompletion": true},
          "adminOpts": {"clientInstallOption": {"installerOption": {
            "User": {"userId": 5, "userName": "backup-operator"}}}}
        }
      }]
    }}
    """

  public static let rds = """
    {"taskInfo": {
      "associations": [{
        "clientName": "aws-prod", "instanceName": "eu-west-1", "displayName": "AWS production",
        "_type_": "SUBCLIENT_ENTITY", "appName": "Cloud Apps", "subclientName": "crm"
      }],
      "task": {"taskType": "IMMEDIATE"},
      "subTasks": [{
        "subTask": {"subTaskType": "BACKUP", "operationType": "BACKUP"},
        "options": {
          "backupOpts": {"backupLevel": "FULL"},
          "commonOpts": {"notifyUserOnJobCompletion": true}
        }
      }]
    }}
    """

  /// The page's body has no level, which a later page requires.
  public static let mssql = """
    {"taskInfo": {
      "associations": [{
        "instanceId": 31, "subclientId": 310, "clientId": 8, "appName": "SQL Server",
        "entityInfo": {"companyId": 0, "companyName": "Commcell", "multiCommcellId": 0}
      }],
      "task": {"taskType": 1},
      "subTasks": [{
        "subTask": {"subTaskType": 2, "operationType": 2},
        "options": {"backupOpts": {"backupLevel": "FULL", "dataOpt": {"copyOnly": false}}}
      }]
    }}
    """

  public static let oracle = """
    {"taskInfo": {
      "associations": [{
        "displayName": "AWS production", "instanceName": "ERP", "appName": "Oracle", "applicationId": 22,
        "clientName": "aws-prod", "subclientName": "default"
      }],
      "task": {"taskType": "IMMEDIATE"},
      "subTasks": [{
        "subTask": {"subTaskType": 2, "operationType": 2},
        "options": {
          "backupOpts": {"backupLevel": "INCREMENTAL", "oracleOptions": {"cumulative": true}},
          "commonOpts": {"notifyUserOnJobCompletion": true},
          "adminOpts": {"clientInstallOption": {"installerOption": {
            "User": {"userId": 5, "userName": "backup-operator"}}}}
        }
      }]
    }}
    """
}
