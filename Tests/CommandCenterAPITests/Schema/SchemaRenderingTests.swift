import CommandCenterAPI
import Testing

@Suite("A schema")
struct SchemaRenderingTests {
  @Test("reads as a table")
  func text() {
    #expect(
      Workload.rds.schemaText() == """
        rds: RDS snapshot backup
        Takes a snapshot of an Amazon RDS instance.
        Page: RDS Snap Backup

        taskInfo.associations[]
          clientName                 string   required                  the cloud account
          instanceName               string   required                  the RDS instance
          displayName                string                             the cloud account as it is shown to \
        people
          _type_                     string   default SUBCLIENT_ENTITY  what the association names; only \
        SUBCLIENT_ENTITY
          appName                    string   default Cloud Apps        the agent; only Cloud Apps
          subclientName              string   required                  the subclient

        taskInfo.task
          taskType                   string   default IMMEDIATE         when the task runs: IMMEDIATE, \
        SCHEDULE

        taskInfo.subTasks[].subTask
          subTaskType                string   default BACKUP            what kind of work the subtask is: \
        ADMIN, BACKUP, RESTORE
          operationType              string   default BACKUP            what the subtask does: BACKUP, \
        RESTORE

        taskInfo.subTasks[].options.backupOpts
          backupLevel                string   default FULL              how much to back up: FULL, \
        INCREMENTAL, DIFFERENTIAL, SYNTHETIC_FULL, TRANSACTION_LOG

        taskInfo.subTasks[].options.commonOpts
          notifyUserOnJobCompletion  boolean  default true              whether the user is told when the \
        job ends
          jobDescription             string                             a free text that the job list shows \
        (from recorded requests)
          jobRetryOpts               object                             how the server retries the job \
        (from recorded requests)

        taskInfo.subTasks[].options.commonOpts.startUpOpts
          startInSuspendedState      boolean                            whether the job waits to be resumed \
        (from recorded requests)
          useDefaultPriority         boolean                            whether the job has its agent's \
        priority (from recorded requests)
          priority                   integer                            the job's priority; 0 to 999 (from \
        recorded requests)

        """)
    #expect(Workload.mssql.schemaText().hasSuffix("\n\ncopyOnly needs backupLevel FULL\n"))
  }

  @Test("is a JSON Schema")
  func json() throws {
    let expected = """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "RDS snapshot backup",
        "description": "Takes a snapshot of an Amazon RDS instance.",
        "x-workload": "rds",
        "x-source": "RDS Snap Backup",
        "type": "object",
        "properties": {
          "taskInfo": {
            "type": "object",
            "properties": {
              "associations": {
                "type": "array",
                "minItems": 1,
                "items": {
                  "type": "object",
                  "properties": {
                    "clientName": {"type": "string", "description": "the cloud account", "minLength": 1},
                    "instanceName": {"type": "string", "description": "the RDS instance", "minLength": 1},
                    "displayName": {
                      "type": "string", "description": "the cloud account as it is shown to people"
                    },
                    "_type_": {
                      "type": "string",
                      "description": "what the association names",
                      "default": "SUBCLIENT_ENTITY",
                      "enum": ["SUBCLIENT_ENTITY"],
                      "x-numbers": {"SUBCLIENT_ENTITY": 7}
                    },
                    "appName": {
                      "type": "string",
                      "description": "the agent",
                      "default": "Cloud Apps",
                      "enum": ["Cloud Apps"],
                      "x-numbers": {"Cloud Apps": 134}
                    },
                    "subclientName": {"type": "string", "description": "the subclient", "minLength": 1}
                  },
                  "required": ["clientName", "instanceName", "_type_", "appName", "subclientName"]
                }
              },
              "task": {
                "type": "object",
                "properties": {
                  "taskType": {
                    "type": "string",
                    "description": "when the task runs",
                    "default": "IMMEDIATE",
                    "enum": ["IMMEDIATE", "SCHEDULE"],
                    "x-numbers": {"IMMEDIATE": 1, "SCHEDULE": 2}
                  }
                }
              },
              "subTasks": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1,
                "items": {
                  "type": "object",
                  "properties": {
                    "subTask": {
                      "type": "object",
                      "properties": {
                        "subTaskType": {
                          "type": "string",
                          "description": "what kind of work the subtask is",
                          "default": "BACKUP",
                          "enum": ["ADMIN", "BACKUP", "RESTORE"],
                          "x-numbers": {"ADMIN": 1, "BACKUP": 2, "RESTORE": 3}
                        },
                        "operationType": {
                          "type": "string",
                          "description": "what the subtask does",
                          "default": "BACKUP",
                          "enum": ["BACKUP", "RESTORE"],
                          "x-numbers": {"BACKUP": 2, "RESTORE": 1001}
                        }
                      }
                    },
                    "options": {
                      "type": "object",
                      "properties": {
                        "backupOpts": {
                          "type": "object",
                          "properties": {
                            "backupLevel": {
                              "type": "string",
                              "description": "how much to back up",
                              "default": "FULL",
                              "enum": [
                                "FULL",
                                "INCREMENTAL",
                                "DIFFERENTIAL",
                                "SYNTHETIC_FULL",
                                "TRANSACTION_LOG"
                              ],
                              "x-numbers": {
                                "FULL": 1, "INCREMENTAL": 2, "DIFFERENTIAL": 4, "SYNTHETIC_FULL": 64
                              }
                            }
                          }
                        },
                        "commonOpts": {
                          "type": "object",
                          "properties": {
                            "notifyUserOnJobCompletion": {
                              "type": "boolean",
                              "description": "whether the user is told when the job ends",
                              "default": true
                            },
                            "jobDescription": {
                              "type": "string",
                              "description": "a free text that the job list shows",
                              "x-source": "recorded requests"
                            },
                            "jobRetryOpts": {
                              "type": "object",
                              "description": "how the server retries the job",
                              "x-source": "recorded requests"
                            },
                            "startUpOpts": {
                              "type": "object",
                              "properties": {
                                "startInSuspendedState": {
                                  "type": "boolean",
                                  "description": "whether the job waits to be resumed",
                                  "x-source": "recorded requests"
                                },
                                "useDefaultPriority": {
                                  "type": "boolean",
                                  "description": "whether the job has its agent's priority",
                                  "x-source": "recorded requests"
                                },
                                "priority": {
                                  "type": "integer",
                                  "description": "the job's priority",
                                  "minimum": 0,
                                  "maximum": 999,
                                  "x-source": "recorded requests"
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            },
            "required": ["associations"]
          }
        },
        "required": ["taskInfo"]
      }
      """
    #expect(try Workload.rds.schemaJSON() == JSONValue(parsing: expected))
    #expect(Workload.oracle.schemaJSON()["x-rules"] == ["cumulative needs backupLevel INCREMENTAL"])
  }
}
