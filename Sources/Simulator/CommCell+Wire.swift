import Clock
import HTTPTypes

extension CommCell {
  /// Answers a request, and lets happen to it what the plan wants.
  mutating func reply(to request: HTTPRequest, _ body: [UInt8], at now: Moment) -> (Answer, Delivery) {
    guard !wireFaults.isEmpty else { return (answer(request, body, at: now), .whole) }
    let path = (request.path ?? "").prefix { $0 != "?" }
    let route = Route(path)
    let effects = wireFaults.next(route, at: now) { [self] in subjects(of: route, body) }
    var delivery = Delivery.whole
    for effect in effects {
      switch effect {
      case .wait(let rate, let time):
        count(request, route)
        return (tooManyRequests(rate.limit, per: rate.period, retryAfter: time), .whole)
      case .fault(.dropBefore):
        count(request, route)
        return (.text(.serviceUnavailable, ""), .closed)
      case .fault(.http(let status)):
        count(request, route)
        return (.intercepted(status), .whole)
      case .fault(.html):
        count(request, route)
        return (.webPage, .whole)
      case .fault(.expireToken): accounts.expireTokens(at: now)
      case .fault(.dropAnswer): delivery = .closed
      case .fault(.reset): delivery = .reset
      case .fault(.truncate): delivery = .half
      case .fault(.trickle(let time)): delivery = .slow(time)
      case .fault(.throttle): break
      }
    }
    return (answer(request, body, at: now), delivery)
  }

  /// What the plan may name of a submit, whether the inventory has it or not.
  private func subjects(of route: Route?, _ body: [UInt8]) -> [FaultPlan.Subject] {
    if case .backUp(let id) = route {
      return inventory.subclients(id: id).map { FaultPlan.Subject($0, in: inventory) }
    }
    guard let submit = SubmitRequest(body, known: { inventory.kind(of: $0) }) else { return [] }
    return submit.associations.flatMap { association in
      let found = inventory.resolve(association)
      guard found.isEmpty else { return found.map { FaultPlan.Subject($0, in: inventory) } }
      return [
        FaultPlan.Subject(
          kind: submit.kind,
          names: [association.subclientName, association.instanceName, association.clientName]
            .compactMap(\.self),
          ids: [association.subclientId, association.instanceId, association.clientId].compactMap(\.self))
      ]
    }
  }
}

extension Answer {
  /// What a proxy or a load balancer says by itself.
  fileprivate static func intercepted(_ status: Int) -> Answer {
    var answer = text(HTTPResponse.Status(code: status), "simulated answer of a proxy\n")
    if status == 429 || status == 503 { answer.fields[.retryAfter] = "1" }
    return answer
  }

  fileprivate static var webPage: Answer {
    let page =
      "<!DOCTYPE html><html><head><title>Sign in to the network</title></head>"
      + "<body><p>A page of a proxy, not of the Command Center.</p></body></html>\n"
    var answer = Answer(.ok, Array(page.utf8))
    answer.contentType = "text/html"
    return answer
  }
}
