// SPDX-License-Identifier: MIT

import ChatCore
import ChatSockets

/// What the connections of one server on one event loop share.
///
/// It lives on that loop.
final class WebSocketSite {
    /// Makes the receiver of an upgraded connection, or refuses it.
    typealias Open = (StreamConnection) -> Result<any WebSocketReceiver, ConnectionRefusal>

    let settings: WebSocketSettings
    let open: Open
    let deflaters: SharedDeflaters
    var inflater = Inflater()
    private var date = HTTPDate()
    private let plainFraming = SharedFraming(WebSocketFraming())
    /// At most four: two yes-or-no questions.
    private var sharedOptions: [WebSocketMachine.SharedOptions] = []

    init(_ settings: WebSocketSettings, open: @escaping Open) {
        self.settings = settings
        self.open = open
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

    /// What a request for a page is answered with.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        guard let route = settings.routes.first(where: { $0.path == request.path }) else {
            return .text(.notFound, "There is no such page.")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .text(
                .methodNotAllowed, "Use GET or HEAD.", fields: [.init("Allow", "GET, HEAD")])
        }
        return route.respond(request)
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
    var routes: [HTTPRoute]
    /// Which proxies are believed when they name the client.
    var proxies: ProxyTrust?
}
