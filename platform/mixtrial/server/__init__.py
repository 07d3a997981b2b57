"""The server: settings, the open studies, security headers, passwords, the process."""
