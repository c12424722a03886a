// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// The web page and the health report, as routes of the WebSocket port.
enum Page {
    /// No inline script or style, nothing from elsewhere, not inside a frame.
    private static let security: [HTTPResponse.Field] = [
        HTTPResponse.Field("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
        HTTPResponse.Field("X-Content-Type-Options", "nosniff"),
        HTTPResponse.Field("Referrer-Policy", "no-referrer"),
        HTTPResponse.Field("Cache-Control", "no-cache"),
    ]

    private static let files: [(path: String, type: String, body: [UInt8])] = [
        ("/", "text/html; charset=utf-8", PackageResources.index_html),
        ("/app.css", "text/css; charset=utf-8", PackageResources.app_css),
        ("/connection.js", script, PackageResources.connection_js),
        ("/dom.js", script, PackageResources.dom_js),
        ("/log.js", script, PackageResources.log_js),
        ("/main.js", script, PackageResources.main_js),
        ("/messages.js", script, PackageResources.messages_js),
        ("/outbox.js", script, PackageResources.outbox_js),
        ("/signals.js", script, PackageResources.signals_js),
        ("/store.js", script, PackageResources.store_js),
        ("/view.js", script, PackageResources.view_js),
        ("/favicon.svg", "image/svg+xml", PackageResources.favicon_svg),
    ]

    private static let script = "text/javascript; charset=utf-8"

    /// The page's files and `/healthz`.
    static func routes(health: @escaping @Sendable () -> HTTPResponse) -> [HTTPRoute] {
        var routes = files.map { file in
            HTTPRoute(file.path) { _ in
                HTTPResponse(
                    .ok, fields: [HTTPResponse.Field("Content-Type", file.type)] + security,
                    body: file.body)
            }
        }
        routes.append(HTTPRoute("/healthz") { _ in health() })
        return routes
    }
}
