"""Every chart, once, as SVG: for the report, the PDF, the dashboard, and files to take away.

`svg` writes all tags and `palette` holds all colours; `axes` and `labels` are shared by charts; each other file is one
chart or family of charts, or what becomes of it on paper (`sheets`) and as a file (`picture_files`).
"""
