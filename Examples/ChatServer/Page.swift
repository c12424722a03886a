// SPDX-License-Identifier: MIT

import ChatCore
import ChatTransportWS

/// The web page and the health report, as routes of the WebSocket port.
enum Page {
    /// No inline script or style, nothing from elsewhere, not inside a frame; no code is ever made of text.
    private static let security: [HTTPResponse.Field] = [
        HTTPResponse.Field(
            "Content-Security-Policy",
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "object-src 'none'; require-trusted-types-for 'script'"),
        HTTPResponse.Field("X-Content-Type-Options", "nosniff"),
        HTTPResponse.Field("Referrer-Policy", "no-referrer"),
        HTTPResponse.Field("Cache-Control", "no-cache"),
    ]

    /// Everything in `Web`: what is not here is not served.
    static let files = [
        PageFile("index.html", PackageResources.index_html),
        PageFile("app.css", PackageResources.app_css),
        PageFile("dialogs.css", PackageResources.dialogs_css),
        PageFile("files.css", PackageResources.files_css),
        PageFile("messages.css", PackageResources.messages_css),
        PageFile("theme.css", PackageResources.theme_css),
        PageFile("account.js", PackageResources.account_js),
        PageFile("api.js", PackageResources.api_js),
        PageFile("attachments.js", PackageResources.attachments_js),
        PageFile("avatar.js", PackageResources.avatar_js),
        PageFile("boot.js", PackageResources.boot_js),
        PageFile("commands.js", PackageResources.commands_js),
        PageFile("complete.js", PackageResources.complete_js),
        PageFile("composer.js", PackageResources.composer_js),
        PageFile("connection.js", PackageResources.connection_js),
        PageFile("dates.js", PackageResources.dates_js),
        PageFile("dialogs.js", PackageResources.dialogs_js),
        PageFile("dom.js", PackageResources.dom_js),
        PageFile("emoji.js", PackageResources.emoji_js),
        PageFile("favicon.svg", PackageResources.favicon_svg),
        PageFile("files.js", PackageResources.files_js),
        PageFile("history.js", PackageResources.history_js),
        PageFile("icons.js", PackageResources.icons_js),
        PageFile("keeping.js", PackageResources.keeping_js),
        PageFile("links.js", PackageResources.links_js),
        PageFile("loader.js", PackageResources.loader_js),
        PageFile("log.js", PackageResources.log_js),
        PageFile("main.js", PackageResources.main_js),
        PageFile("member.js", PackageResources.member_js),
        PageFile("members.js", PackageResources.members_js),
        PageFile("messages.js", PackageResources.messages_js),
        PageFile("notify.js", PackageResources.notify_js),
        PageFile("outbox.js", PackageResources.outbox_js),
        PageFile("panels.js", PackageResources.panels_js),
        PageFile("picker.js", PackageResources.picker_js),
        PageFile("picture.js", PackageResources.picture_js),
        PageFile("pins.js", PackageResources.pins_js),
        PageFile("popup.js", PackageResources.popup_js),
        PageFile("roomdialogs.js", PackageResources.roomdialogs_js),
        PageFile("rows.js", PackageResources.rows_js),
        PageFile("search.js", PackageResources.search_js),
        PageFile("security.js", PackageResources.security_js),
        PageFile("session.js", PackageResources.session_js),
        PageFile("settings.js", PackageResources.settings_js),
        PageFile("sha256.js", PackageResources.sha256_js),
        PageFile("sidebar.js", PackageResources.sidebar_js),
        PageFile("signals.js", PackageResources.signals_js),
        PageFile("store.js", PackageResources.store_js),
        PageFile("strings-en.js", PackageResources.strings_en_js),
        PageFile("strings-id.js", PackageResources.strings_id_js),
        PageFile("strings-more-en.js", PackageResources.strings_more_en_js),
        PageFile("strings-more-id.js", PackageResources.strings_more_id_js),
        PageFile("strings-more.js", PackageResources.strings_more_js),
        PageFile("strings.js", PackageResources.strings_js),
        PageFile("text.js", PackageResources.text_js),
        PageFile("tokens.js", PackageResources.tokens_js),
        PageFile("tools.js", PackageResources.tools_js),
        PageFile("tray.js", PackageResources.tray_js),
        PageFile("uploads.js", PackageResources.uploads_js),
        PageFile("vault.js", PackageResources.vault_js),
        PageFile("view.js", PackageResources.view_js),
        PageFile("viewer.js", PackageResources.viewer_js),
        PageFile("windowed.js", PackageResources.windowed_js),
    ]

    /// The page's files, how one may sign in, and `/healthz`.
    ///
    /// - Parameters:
    ///   - folder: where the files are read from for each request, instead of from the program.
    ///   - guests: whether a name is enough.
    ///   - accounts: whether there are accounts.
    ///   - registration: whether anybody may make one.
    ///   - fileBytes: how long a file of a message may be; 0 if messages have none.
    ///   - health: makes the report.
    static func routes(
        folder: String?, guests: Bool, accounts: Bool, registration: Bool, fileBytes: Int64,
        health: @escaping @Sendable () -> HTTPResponse
    ) -> [HTTPRoute] {
        var routes = Self.files.map { file in
            HTTPRoute(file.path) { _ in
                HTTPResponse(
                    .ok, fields: [HTTPResponse.Field("Content-Type", file.type)] + security,
                    body: folder.map(file.body(in:)) ?? file.body)
            }
        }
        routes.append(
            HTTPRoute(
                "/sign-in.json", contentType: "application/json",
                body: Array(
                    ("{\"guests\":\(guests),\"accounts\":\(accounts),"
                        + "\"registration\":\(registration),\"file_bytes\":\(fileBytes)}\n").utf8)))
        routes.append(HTTPRoute("/healthz") { _ in health() })
        return routes
    }
}
