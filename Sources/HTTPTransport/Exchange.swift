import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One request on its way, as the HTTP client tells of it: above all, whether anything of it was sent.
final class Exchange: HTTPClientResponseDelegate {
  struct Response: Sendable {
    let head: HTTPResponseHead
    let body: [UInt8]
  }

  /// How far a request got.
  enum Stage {
    /// There is no connection yet: nothing was sent.
    case connecting
    /// Its head at least was handed to a connection.
    case sent
    /// The head of the answer is here.
    case answering
  }

  struct BodyTooLarge: Error {}
  struct NoHead: Error {}

  private struct State {
    var stage = Stage.connecting
    var head: HTTPResponseHead?
    var body: [UInt8] = []
    var task: HTTPClient.Task<Response>?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let maximumBody: Int
  private let mayBeAbandoned: Bool

  /// - Parameter mayBeAbandoned: whether a cancelled request is given up on, once it is sent. Else it is
  ///   waited for, since its answer tells what it has made.
  init(maximumBody: Int, mayBeAbandoned: Bool) {
    self.maximumBody = maximumBody
    self.mayBeAbandoned = mayBeAbandoned
  }

  var stage: Stage { state.withLock { $0.stage } }

  /// Says which task to cancel.
  func begin(_ task: HTTPClient.Task<Response>) {
    let isCancelled = state.withLock { state in
      state.task = task
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  func cancel() {
    let task = state.withLock { state -> HTTPClient.Task<Response>? in
      state.isCancelled = true
      return state.stage == .connecting || mayBeAbandoned ? state.task : nil
    }
    task?.cancel()
  }

  func didSendRequestHead(task: HTTPClient.Task<Response>, _ head: HTTPRequestHead) {
    state.withLock { $0.stage = .sent }
  }

  func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
    let isTooLarge = length > maximumBody
    state.withLock { state in
      state.stage = .answering
      state.head = head
      if !isTooLarge { state.body.reserveCapacity(min(length, 1 << 20)) }
    }
    return isTooLarge
      ? task.eventLoop.makeFailedFuture(BodyTooLarge()) : task.eventLoop.makeSucceededFuture(())
  }

  func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    let isTooLarge = state.withLock { state in
      guard state.body.count + buffer.readableBytes <= maximumBody else { return true }
      state.body.append(contentsOf: buffer.readableBytesView)
      return false
    }
    return isTooLarge
      ? task.eventLoop.makeFailedFuture(BodyTooLarge()) : task.eventLoop.makeSucceededFuture(())
  }

  func didFinishRequest(task: HTTPClient.Task<Response>) throws -> Response {
    try state.withLock { state in
      guard let head = state.head else { throw NoHead() }
      return Response(head: head, body: state.body)
    }
  }
}
