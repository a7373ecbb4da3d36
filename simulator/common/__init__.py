"""What every part may use and what knows no part: how values may be written, files, folders to trust, the streams.

Doors share how numbers, dates, seeds and paths may be written, and how a near name is offered. A door is anything that
a person can give the program a value through: scenario files, designs, options, links, notebook functions and tables.
Everything that is written goes through `atomic_files`. The rooms here import nothing of the model and can be imported
by any of it.
"""
