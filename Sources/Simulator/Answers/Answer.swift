import CommandCenterAPI
import HTTPTypes

/// What a request is answered with.
struct Answer {
  var status: HTTPResponse.Status
  var body: [UInt8]
  var contentType = "application/json"
  /// Further header fields.
  var fields: HTTPFields = [:]

  init(_ status: HTTPResponse.Status = .ok, _ body: [UInt8]) {
    self.status = status
    self.body = body
  }

  /// A JSON object, whose members `write` writes.
  static func object(_ status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void) -> Answer {
    var json = JSONWriter(capacity: 1024)
    json.beginObject()
    write(&json)
    json.endObject()
    return Answer(status, json.bytes)
  }

  /// `{"errorMessage": …, "errorCode": …}`
  static func error(_ status: HTTPResponse.Status, _ code: Int64, _ message: String) -> Answer {
    object(status) { json in
      json.member("errorMessage", message)
      json.member("errorCode", code)
    }
  }

  /// `{"errors":[{"errList":[{"errorCode": …, "errLogMessage": …}]}]}`, as actions on jobs say it.
  static func errorList(_ code: Int64, _ message: String) -> Answer {
    object { json in
      json.key("errors")
      json.beginArray()
      json.beginObject()
      json.key("errList")
      json.beginArray()
      json.beginObject()
      json.member("errorCode", code)
      json.member("errLogMessage", message)
      json.endObject()
      json.endArray()
      json.endObject()
      json.endArray()
    }
  }

  static func text(_ status: HTTPResponse.Status = .ok, _ text: String) -> Answer {
    var answer = Answer(status, Array(text.utf8))
    answer.contentType = "text/plain"
    return answer
  }

  /// What the pages say of a body that is empty or malformed: a bare string.
  static let badRequest = Answer(.badRequest, Array("\"Request body is empty or format is invalid\"".utf8))

  static let accessDenied = error(.unauthorized, 5, "Access denied")

  static let noEligibleSubclients = error(
    .internalServerError, 587_207_178, "Failed to start backups as no eligible subclients were found. ")

  static let notFound = error(.notFound, 404, "The requested resource is not found.")

  static let methodNotAllowed = error(.methodNotAllowed, 405, "The method is not allowed.")
}
