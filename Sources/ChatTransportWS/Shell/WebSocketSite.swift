// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets
import Synchronization

/// What the connections of one server on one event loop share.
///
/// It lives on that loop.
final class WebSocketSite {
    /// Makes the receiver of an upgraded connection, or refuses it.
    typealias Open = (StreamConnection) -> Result<any WebSocketReceiver, ConnectionRefusal>

    let settings: WebSocketSettings
    let open: Open
    let desk: HTTPDesk
    /// Weak: the loop owns what lives on it.
    private(set) weak var loop: EventLoop?
    private let router: HTTPRouter
    let deflaters: SharedDeflaters
    var inflater = Inflater()
    private var date = HTTPDate()
    private let plainFraming = SharedFraming(WebSocketFraming())
    /// At most four: two yes-or-no questions.
    private var sharedOptions: [WebSocketMachine.SharedOptions] = []

    /// Makes the site of a loop. Call it on the loop.
    init(_ settings: WebSocketSettings, on loop: isolated EventLoop, open: @escaping Open) {
        self.settings = settings
        self.open = open
        self.loop = loop
        desk = HTTPDesk.on(loop)
        router = HTTPRouter(settings.routes)
        deflaters = SharedDeflaters(level: 1)
    }

    /// Starts HTTP on a new connection.
    func begin(_ connection: StreamConnection) {
        guard connection.start(HTTPConnection(site: self)) else { return }
        connection.setDeadline(milliseconds: settings.headMilliseconds)
    }

    /// Now, for a Date field.
    func dateText(_ connection: StreamConnection) -> String {
        date.text(connection.clock.wallTime())
    }

    /// The framing of what was agreed on.
    func framing(_ agreement: DeflateAgreement?) -> SharedFraming {
        guard let agreement else { return plainFraming }
        return SharedFraming(
            DeflatedFraming(
                agreement, minimumBytes: settings.limits.compressionMinimumBytes,
                deflaters: deflaters))
    }

    /// The options of a connection; those that agreed on the same share them.
    func options(allowsCompressed: Bool, acceptsBinary: Bool) -> WebSocketMachine.SharedOptions {
        let known = sharedOptions.first {
            $0.values.allowsCompressed == allowsCompressed
                && $0.values.acceptsBinary == acceptsBinary
        }
        if let known { return known }
        let options = WebSocketMachine.SharedOptions(
            .init(
                limits: settings.limits, allowsCompressed: allowsCompressed,
                acceptsBinary: acceptsBinary))
        sharedOptions.append(options)
        return options
    }

    /// What is to be done with a request.
    enum Choice {
        case response(HTTPResponse)
        case call(
            HTTPRoute, parameters: [String: String], @Sendable (HTTPCall) async -> HTTPAnswer)
    }

    /// Finds the route of a request.
    func choose(_ request: HTTPRequest) -> Choice {
        switch router.choose(method: request.method, path: request.path) {
        case .route(let route, let parameters):
            switch route.work {
            case .page(let respond): return .response(shared(respond(request), request))
            case .call(let answer): return .call(route, parameters: parameters, answer)
            }
        case .unknownPath: return .response(shared(settings.refusal(.notFound), request))
        case .otherMethods(let methods):
            if request.method == "OPTIONS" {
                return .response(settings.crossOrigin.preflight(request, methods: methods))
            }
            var response = settings.refusal(.methodNotAllowed)
            response.fields.append(.init("Allow", methods.joined(separator: ", ")))
            return .response(shared(response, request))
        }
    }

    /// What an answer to `request` says to pages of other origins.
    func crossOriginFields(for request: HTTPRequest) -> [HTTPResponse.Field] {
        settings.crossOrigin.fields(for: request)
    }

    private func shared(_ response: HTTPResponse, _ request: HTTPRequest) -> HTTPResponse {
        var response = response
        response.fields += crossOriginFields(for: request)
        return response
    }
}

/// How a ``WebSocketSite`` is set up.
struct WebSocketSettings: Sendable {
    /// The path of the WebSocket endpoint; `nil` takes every path.
    var path: String?
    var policy: UpgradePolicy
    var limits: WebSocketLimits
    var http: HTTPLimits
    var headMilliseconds: Int64
    /// How long nothing may come of a body.
    var bodyMilliseconds: Int64 = 30_000
    /// How long a piece of an answer may take to be written.
    var writeMilliseconds: Int64 = 60_000
    var routes: [HTTPRoute]
    var crossOrigin = HTTPCrossOrigin()
    /// What a request that no route answers gets.
    var refusal: @Sendable (HTTPStatus) -> HTTPResponse = { .refusal($0) }
    /// Which proxies are believed when they name the client.
    var proxies: ProxyTrust?
    /// Whether the server stops.
    let drain = DrainFlag()
}

/// Says to all loops of a server that it takes no new requests.
final class DrainFlag: Sendable {
    private let state = Atomic(false)

    var hasBegun: Bool { state.load(ordering: .relaxed) }

    func begin() { state.store(true, ordering: .relaxed) }
}
