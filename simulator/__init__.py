"""Ringfence: what would keep health inequalities money for its purpose?"""
